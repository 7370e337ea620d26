/**
 * What other devices change (archive, mute, pin, star, delete, ...) survives a crash too. Baileys notes
 * how far it has read before it tells of what it has read. So the place where it was before is journalled
 * in the same write, and forgotten in the write that brings the events into the inbox. What a killed
 * process left is read from there again.
 */
import type { SignalDataSet, WAMessage, WASocket } from '@whiskeysockets/baileys';
import { deserialize, serialize } from 'node:v8';
import { journalEntries, type Auth } from '../auth';
import { errorName, type Log } from '../log';
import { packEntry, unpackEntry } from './journal';

const PREFIX = 'appstate-';
const VERSION = 'app-state-sync-version';

type Collection = Parameters<WASocket['resyncAppState']>[0][number];

/** Where a collection was before what is not in the inbox yet. */
export interface Place {
	id: string;
	name: Collection;
	state: { version: number };
}

export const isPlace = (id: string): boolean => id.startsWith(PREFIX);

export function readPlace(id: string, bytes: Uint8Array): Place {
	const { name, state } = deserialize(unpackEntry(bytes).stanza) as Place;
	return { id, name, state };
}

export class AppState {
	private unread = new Set<Collection>();

	constructor(
		private readonly deps: {
			/** What is told in this turn of the event loop comes into the inbox in one write with these dropped. */
			together(drops: readonly string[]): void;
			log: Log;
		},
	) {}

	/** Puts itself between Baileys and its keys. */
	guard({ state }: Auth): void {
		const { keys } = state;
		const { together } = this.deps;
		state.keys = {
			get: async (type, ids) => await keys.get(type, ids),
			async set(data: SignalDataSet) {
				const names = Object.keys(data[VERSION] ?? {});
				if (names.length === 0) return await keys.set(data);
				const before = await keys.get(VERSION, names);
				const put: Record<string, Uint8Array> = {};
				// At the first sync there is no place before, and nothing is news.
				for (const [name, place] of Object.entries(before)) {
					const id = `${PREFIX}${name}-${place.version}`;
					put[id] = packEntry(serialize({ name, state: place }));
				}
				await keys.set({ ...data, ...journalEntries(put) });
				if (Object.keys(put).length > 0) together(Object.keys(put));
			},
		};
	}

	/** Goes back to where a former process had not brought everything into the inbox. */
	async goBack(places: readonly Place[], { state }: Auth): Promise<void> {
		const first = new Map<Collection, Place>();
		for (const place of places) {
			const known = first.get(place.name);
			if (!known || place.state.version < known.state.version) first.set(place.name, place);
		}
		if (first.size === 0) return;
		const versions = Object.fromEntries([...first].map(([name, place]) => [name, place.state]));
		const drops = places.map(({ id }) => id);
		const data = { [VERSION]: versions, ...journalEntries({}, drops) };
		await state.keys.set(data as SignalDataSet);
		this.unread = new Set(first.keys());
	}

	/** Reads again; call it when the connection is open. */
	repeat(socket: WASocket): void {
		const names = [...this.unread];
		this.unread.clear();
		if (names.length === 0) return;
		socket.resyncAppState(names, false).catch((error: unknown) => {
			// The server tells of it again, or at the next change.
			this.deps.log.warn('changes of other devices could not be read again', {
				error: errorName(error),
			});
		});
	}
}

/**
 * Keys that the phone sent to a process that was killed before Baileys had stored them: without them
 * nothing that other devices change can be read.
 */
export async function storeKeys(messages: readonly WAMessage[], { state }: Auth): Promise<void> {
	const keys: NonNullable<SignalDataSet['app-state-sync-key']> = {};
	for (const { message } of messages) {
		for (const { keyId, keyData } of message?.protocolMessage?.appStateSyncKeyShare?.keys ?? []) {
			if (!keyId?.keyId || !keyData) continue;
			keys[Buffer.from(keyId.keyId).toString('base64')] = keyData;
		}
	}
	const newest = Object.keys(keys).at(-1);
	if (newest === undefined) return;
	await state.keys.set({ 'app-state-sync-key': keys });
	state.creds.myAppStateKeyId ??= newest;
}
