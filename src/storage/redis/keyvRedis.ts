import KeyvRedis from '@keyv/redis';
import type { KeyvEntry } from 'keyv';
import type { Connection } from './connection';

/** What Keyv hands over and expects when it does not serialise. */
interface Wrapped {
	value: Uint8Array;
}

/**
 * @keyv/redis for values that are bytes. Reads and writes go over the storage's own connection, with
 * its bounded waiting, and keys are full names: the account's hash tag is part of them.
 */
export class KeyvRedisBytes extends KeyvRedis<Wrapped> {
	constructor(private readonly connection: Connection) {
		super(connection.client as unknown as ConstructorParameters<typeof KeyvRedis>[0], {
			throwOnConnectError: true,
			// A storage that cannot be read must never look like an empty one.
			throwOnErrors: true,
		});
	}

	override async getClient() {
		// Never connects by itself, and follows when the connection is made anew.
		return this.connection.client as unknown as Awaited<
			ReturnType<KeyvRedis<Wrapped>['getClient']>
		>;
	}

	override async get<U = Wrapped>(key: string): Promise<U | undefined> {
		return (await this.getMany<U>([key]))[0];
	}

	override async getMany<U = Wrapped>(keys: string[]): Promise<Array<U | undefined>> {
		const [first] = keys;
		if (first === undefined) return [];
		const reply = await this.connection.command(first, ['MGET', ...keys], true);
		return (reply as Array<Buffer | null>).map((value) =>
			value === null ? undefined : ({ value } as U),
		);
	}

	override async setMany(entries: KeyvEntry[]): Promise<void> {
		for (const { key, value, ttl } of entries) await this.set(key, value as string, ttl);
	}

	override async set(key: string, value: string, ttl?: number): Promise<void> {
		const { value: bytes } = value as unknown as Wrapped;
		const expiry = ttl ? ['PX', String(ttl)] : [];
		await this.connection.command(key, ['SET', key, Buffer.from(bytes), ...expiry]);
	}
}
