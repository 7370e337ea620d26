/**
 * Whether this package is still installed. n8n tells nobody that a package is removed: its folder is
 * deleted and its node types are forgotten, while triggers that run go on running, and whatever they
 * emit then fails. So their code has to look by itself.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from './clock';

/** How often somebody looks. */
export const LOOK_MS = 2_000;
/** What was seen is believed so long: a workflow may ask a thousand times a second. */
const SEEN_MS = 50;
/** A folder that is back for so long without n8n loading it anew was away for another reason. */
const BACK_MS = 5 * 60_000;

export class Installation {
	private seenAt = -Infinity;
	private gone?: { copies: number; backSince?: number };

	constructor(
		private readonly deps: {
			clock: Clock;
			/** How many copies of the code n8n has loaded by now. */
			copies(): number;
			/** The package's folder. */
			folder?: string;
		},
	) {}

	/**
	 * False from the package's removal until n8n has loaded it again. While it is updated, its folder is
	 * beside its place for a moment, and n8n goes on using what is loaded.
	 */
	isThere(): boolean {
		const { clock, copies, folder = ownFolder() } = this.deps;
		if (folder === undefined) return true;
		const now = clock.now();
		if (!this.gone && Math.abs(now - this.seenAt) < SEEN_MS) return true;
		const there = existsSync(join(folder, 'package.json')) || isBeingUpdated(folder);
		if (!there) {
			this.gone = { copies: this.gone?.copies ?? copies() };
			return false;
		}
		if (!this.gone) {
			this.seenAt = now;
			return true;
		}
		this.gone.backSince ??= now;
		const isLoaded = copies() > this.gone.copies;
		if (!isLoaded && now - this.gone.backSince < BACK_MS) return false;
		this.gone = undefined;
		return true;
	}
}

/** n8n 2.41 moves the folder to `<name>.backup-<time>` while it fetches another version. */
function isBeingUpdated(folder: string): boolean {
	try {
		const backup = `${basename(folder)}.backup-`;
		return readdirSync(dirname(folder)).some((name) => name.startsWith(backup));
	} catch {
		return false;
	}
}

let known: { folder?: string } | undefined;

/** Where package.json was when this code was loaded; built code lies deeper than its source. */
function ownFolder(): string | undefined {
	if (known) return known.folder;
	known = {};
	for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
		if (existsSync(join(folder, 'package.json'))) return (known.folder = folder);
	}
	return undefined;
}
ownFolder();
