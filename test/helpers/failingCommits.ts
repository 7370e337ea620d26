/** Commits of the embedded storage that fail, as on a full disk. */
import { systemClock, type Clock } from '../../src/clock';
import type { Database } from '../../src/storage/sqlite/database';

/**
 * So many of the next commits fail, `left`: those of a transaction that asks this clock what time it is,
 * as checks of a fence and changes of deliveries do.
 */
export function failingCommits(database: () => Database): { left: number; clock: Clock } {
	const failing = {
		write() {
			commits.left--;
			throw new Error('the disk is full');
		},
	};
	const commits = {
		left: 0,
		clock: {
			...systemClock,
			now() {
				if (commits.left > 0) database().beforeCommit(failing);
				return systemClock.now();
			},
		},
	};
	return commits;
}
