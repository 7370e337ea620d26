/**
 * Remembers over restarts which numbers have open questions: after one, nothing else of ours runs
 * until a workflow does, and the answer would not be heard. A mark holds the settings of the number,
 * sealed with n8n's key; it lies in n8n's user folder or, in queue mode, in the Redis of n8n's queue,
 * where the main process finds what a worker has asked.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSealer } from '../auth';
import type { Clock } from '../clock';
import type { AccountSettings } from '../settings';
import type { Storage } from '../storage/roles';

/** Where marks are kept. */
export interface MarkStore {
	put(name: string, value: Uint8Array): Promise<void>;
	remove(name: string): Promise<void>;
	all(): Promise<Uint8Array[]>;
	/** Calls back when one is put by another process, as far as that can be told. */
	onPut?(listener: () => void): void;
	close(): Promise<void>;
}

const PURPOSE = 'open-questions';

export class Marks {
	constructor(
		private readonly store: MarkStore,
		private readonly secret: () => string,
	) {}

	async put(settings: AccountSettings): Promise<void> {
		const sealed = this.sealer().seal(PURPOSE, Buffer.from(JSON.stringify(settings)));
		await this.store.put(nameOf(settings), sealed);
	}

	async remove(settings: AccountSettings): Promise<void> {
		await this.store.remove(nameOf(settings));
	}

	/** Settings of all numbers with open questions; what cannot be read is left out. */
	async all(): Promise<AccountSettings[]> {
		const found = await this.store.all();
		if (found.length === 0) return [];
		const sealer = this.sealer();
		return found.flatMap((sealed) => {
			try {
				const json = Buffer.from(sealer.open(PURPOSE, sealed)).toString('utf8');
				return [JSON.parse(json) as AccountSettings];
			} catch {
				return []; // sealed with another key
			}
		});
	}

	onPut(listener: () => void): void {
		this.store.onPut?.(listener);
	}

	async close(): Promise<void> {
		await this.store.close();
	}

	private sealer() {
		return createSealer(this.secret(), PURPOSE);
	}
}

const nameOf = ({ account }: AccountSettings): string =>
	createHash('sha256').update(account).digest('hex').slice(0, 32);

/** One file a number. */
export function fileMarks(folder: string): MarkStore {
	const fileOf = (name: string) => join(folder, name);
	return {
		async put(name, value) {
			await mkdir(folder, { recursive: true, mode: 0o700 });
			const fresh = fileOf(`${name}.${process.pid}.new`);
			await writeFile(fresh, value, { mode: 0o600 });
			await rename(fresh, fileOf(name));
		},
		async remove(name) {
			await rm(fileOf(name), { force: true });
		},
		async all() {
			const names = await readdir(folder).catch(() => []);
			const marks = names.filter((name) => /^[0-9a-f]{32}$/.test(name));
			return await Promise.all(marks.map(async (name) => await readFile(fileOf(name))));
		},
		async close() {},
	};
}

const MARK = 'mark:';
const CHANGES = 'changes';
const POLL_MS = 5_000;

/** In a storage that several processes share. A counter tells cheaply whether there is news. */
export function sharedMarks(open: () => Promise<Storage>, clock: Clock): MarkStore {
	let opening: Promise<Storage> | undefined;
	let cancel = () => {};
	let seen: string | undefined;
	const facts = async () => (await (opening ??= open())).account(PURPOSE).facts;
	const changes = async () => {
		const count = await (await facts()).get(CHANGES);
		return count ? Buffer.from(count).toString('utf8') : undefined;
	};
	return {
		async put(name, value) {
			const book = await facts();
			await book.set(MARK + name, value);
			await book.increment(CHANGES, 1);
		},
		async remove(name) {
			await (await facts()).delete([MARK + name]);
		},
		async all() {
			const book = await facts();
			const names: string[] = [];
			for await (const name of book.keys(MARK)) names.push(name);
			return (await book.getMany(names)).filter((value) => value !== undefined);
		},
		onPut(listener) {
			const poll = async () => {
				const now = await changes().catch(() => seen);
				if (now !== seen) listener();
				seen = now;
				cancel = clock.after(POLL_MS, () => void poll());
			};
			void poll();
		},
		async close() {
			cancel();
			await (await opening)?.close();
		},
	};
}
