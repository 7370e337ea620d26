import Keyv from 'keyv';
import type { Fence, Journal, KeyStore, WriteBatch } from '../roles';
import type { Connection } from './connection';
import { KeyvRedisBytes } from './keyvRedis';
import type { Names } from './names';
import { removeAll, scan } from './scan';
import { JOURNAL_PAGE, WRITE } from './scripts';

const PAGE = 100;

/** One for each connection, because the adapter adds listeners to the client. */
const keyvs = new WeakMap<Connection, Keyv<Uint8Array>>();

function keyvOf(connection: Connection): Keyv<Uint8Array> {
	let keyv = keyvs.get(connection);
	if (!keyv) {
		keyv = new Keyv<Uint8Array>({
			store: new KeyvRedisBytes(connection),
			namespace: undefined,
			// Names are complete, and values stay the bytes they are.
			useKeyPrefix: false,
			serialize: undefined,
			deserialize: undefined,
			throwOnErrors: true,
			emitErrors: false,
		});
		keyvs.set(connection, keyv);
	}
	return keyv;
}

export const tokenOf = (fence: Fence | undefined): string => (fence ? String(fence.token) : '');

export class RedisKeys implements KeyStore {
	private readonly keyv: Keyv<Uint8Array>;

	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
	) {
		this.keyv = keyvOf(connection);
	}

	async getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>> {
		return await this.keyv.getMany<Uint8Array>(keys.map((key) => this.names.key(key)));
	}

	/** Repeated when in doubt: writing the same batch twice under the same lease changes nothing. */
	async write(batch: WriteBatch, fence?: Fence): Promise<void> {
		const { names } = this;
		const set = [...(batch.set ?? [])];
		const put = [...(batch.journalPut ?? [])];
		const remove = batch.delete ?? [];
		const drop = batch.journalDrop ?? [];
		if (set.length + put.length + remove.length + drop.length === 0 && !fence) return;
		await this.connection.script(
			WRITE,
			[
				...[names.lease, names.journal, names.journalOrder, names.journalCount],
				...set.map(([key]) => names.key(key)),
				...remove.map((key) => names.key(key)),
			],
			[
				tokenOf(fence),
				...[set, remove, put, drop].map(({ length }) => String(length)),
				...set.map(([, value]) => asBuffer(value)),
				...put.flatMap(([id, value]) => [id, asBuffer(value)]),
				...drop,
			],
		);
	}

	async *keys(prefix: string): AsyncIterable<string> {
		const base = this.names.key('');
		const pattern = this.names.pattern(`k:${prefix}`);
		for await (const found of scan(this.connection, base, pattern)) yield found.slice(base.length);
	}

	async clear(): Promise<void> {
		const { names, connection } = this;
		await removeAll(connection, names.key(''), names.pattern('k:'));
		await connection.command(names.journal, [
			...['UNLINK', names.journal, names.journalOrder, names.journalCount],
		]);
	}

	readonly journal: Journal = {
		pending: () => this.pending(),
		size: async () =>
			Number(await this.connection.command(this.names.journal, ['HLEN', this.names.journal], true)),
	};

	private async *pending() {
		let after = '-inf';
		for (;;) {
			const page = (await this.connection.script(
				JOURNAL_PAGE,
				[this.names.journal, this.names.journalOrder],
				[after, String(PAGE)],
			)) as Array<Buffer | null>;
			for (let at = 0; at < page.length; at += 3) {
				const [score, id, value] = page.slice(at, at + 3);
				after = String(score);
				if (id && value) yield { id: id.toString(), value };
			}
			if (page.length === 0) return;
		}
	}
}

/** The client takes buffers, not plain byte arrays; shares the memory. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
	Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
