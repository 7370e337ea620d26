/** The phone's app state: what it changes and what its companions change, kept in step. */
import type { PhoneCore } from '../core';
import { type BinaryNode, bytes, child, children, node } from '../nodes';
import { Collection, type Mutation, type SyncKey } from './collection';

export type { Mutation };

const NAMES = [
	'critical_block',
	'critical_unblock_low',
	'regular_high',
	'regular_low',
	'regular',
] as const;
export type CollectionName = (typeof NAMES)[number];

/** How often a patch is tried again on top of somebody else's. */
const MAX_CONFLICTS = 5;

export class AppState {
	/** Changes by companions, oldest first. */
	readonly changes: Array<Mutation & { collection: string }> = [];
	private readonly collections: Map<string, Collection>;
	/** One exchange with the server after another. */
	private queue: Promise<unknown> = Promise.resolve();

	constructor(
		private readonly core: PhoneCore,
		key: SyncKey,
		/** Something that a companion has changed. */
		private readonly changed: (mutation: Mutation) => void = () => {},
	) {
		this.collections = new Map(NAMES.map((name) => [name, new Collection(name, key)]));
		core.on('notification', 'server_sync', (stanza) => {
			const names = children(stanza, 'collection').map(({ attrs }) => attrs.name ?? '');
			core.background(async () => await this.inTurn(async () => await this.fetch(names)));
		});
	}

	/** A collection as the phone knows it. */
	collection(name: CollectionName): Collection {
		return this.find(name);
	}

	/** Changes a collection, on top of what others have changed meanwhile. */
	async patch(name: CollectionName, ...mutations: Mutation[]): Promise<void> {
		await this.inTurn(async () => {
			const collection = this.find(name);
			for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
				const patch = collection.encode(mutations);
				if (await this.upload(collection, patch)) {
					collection.apply(patch);
					return;
				}
				await this.fetch([name]);
			}
			throw new Error(`${name}: the server had another version each time`);
		});
	}

	/** Fetches what has changed. */
	async sync(): Promise<void> {
		await this.inTurn(async () => await this.fetch([...NAMES]));
	}

	/** Whether the server took the patch; if not, somebody else was faster (409). */
	private async upload(collection: Collection, patch: Uint8Array): Promise<boolean> {
		const attrs = { name: collection.name, version: String(collection.version) };
		try {
			const answer = await this.core.query('w:sync:app:state', 'set', [
				node('sync', {}, [
					node('collection', { ...attrs, return_snapshot: 'false' }, [node('patch', {}, patch)]),
				]),
			]);
			const answered = child(answer, 'sync', 'collection');
			const error = child(answered, 'error');
			if (answered?.attrs.type !== 'error' && !error) return true;
			if (error?.attrs.code === '409') return false;
			throw new Error(`${collection.name}: the server refused a patch (${error?.attrs.code})`);
		} catch (error) {
			if (/409|conflict/.test((error as Error).message)) return false;
			throw error;
		}
	}

	private async fetch(names: string[]): Promise<void> {
		let wanted = names;
		while (wanted.length > 0) {
			const answer = await this.core.query('w:sync:app:state', 'set', [
				node(
					'sync',
					{},
					wanted.map((name) => this.request(name)),
				),
			]);
			wanted = [];
			for (const answered of children(child(answer, 'sync'), 'collection')) {
				const { name = '', has_more_patches } = answered.attrs;
				this.take(name, answered);
				if (has_more_patches === 'true') wanted.push(name);
			}
		}
		this.core.waits.changed();
	}

	private request(name: string): BinaryNode {
		const version = String(this.find(name).version);
		// No snapshots: a phone has been there from the first patch on.
		return node('collection', { name, version, return_snapshot: 'false' });
	}

	private take(name: string, answered: BinaryNode): void {
		const collection = this.find(name);
		for (const patch of children(child(answered, 'patches') ?? answered, 'patch')) {
			for (const mutation of collection.apply(bytes(patch) ?? Buffer.alloc(0))) {
				this.changes.push({ ...mutation, collection: name });
				this.changed(mutation);
			}
		}
	}

	private find(name: string): Collection {
		const collection = this.collections.get(name);
		if (!collection) throw new Error(`There is no app state collection ${name}`);
		return collection;
	}

	private async inTurn<T>(task: () => Promise<T>): Promise<T> {
		const turn = this.queue.then(task);
		this.queue = turn.catch(() => undefined);
		return await turn;
	}
}
