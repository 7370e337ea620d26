/**
 * Which numbers use a storage. Each owner leaves a sign there, without saying whose number it is: a
 * node may see its own credential only, and n8n does not tell a node what else its user may see.
 */
import type { Presence } from './ownership/presence';
import type { Storage } from './storage/roles';

/** Not a credential id: n8n's have 16 letters and digits. */
const ROOM = '_numbers';
const PREFIX = 'number:';
/** A number that nobody has opened for this long is forgotten. */
const KEEP_MS = 90 * 24 * 60 * 60_000;

export interface NumberSign {
	state: string;
	/** ISO time. */
	since: string;
	/** The process that holds the connection. */
	owner: string | null;
}

export interface ListedNumber extends NumberSign {
	account: string;
}

export class NumberList {
	constructor(
		private readonly storage: Storage,
		private readonly presence: Presence,
	) {}

	private get facts() {
		return this.storage.account(ROOM).facts;
	}

	async note(account: string, { state, since, owner }: NumberSign): Promise<void> {
		const sign = Buffer.from(JSON.stringify({ state, since, owner }));
		await this.facts.set(PREFIX + account, sign, KEEP_MS);
	}

	async forget(account: string): Promise<void> {
		await this.facts.delete([PREFIX + account]);
	}

	/** All that are known; what a process that is gone has said last is over. */
	async all(): Promise<ListedNumber[]> {
		const names: string[] = [];
		for await (const name of this.facts.keys(PREFIX)) names.push(name);
		const values = await this.facts.getMany(names);
		const found = await Promise.all(
			names.map(async (name, index): Promise<ListedNumber[]> => {
				const value = values[index];
				if (!value) return [];
				const sign = JSON.parse(Buffer.from(value).toString('utf8')) as NumberSign;
				const account = name.slice(PREFIX.length);
				// Without what tells several storages of one process apart.
				const process = sign.owner?.split('/')[0];
				const lives = process !== undefined && (await this.presence.isAlive(process));
				return [{ account, ...sign, ...(lives ? {} : { state: 'closed', owner: null }) }];
			}),
		);
		return found.flat().sort((a, b) => a.account.localeCompare(b.account));
	}
}
