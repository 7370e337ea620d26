import type { Fact, Facts, Fence } from '../roles';
import type { Connection } from './connection';
import { asBuffer, tokenOf } from './keys';
import type { Names } from './names';
import { scan } from './scan';
import { INCREMENT, SET_IF_ABSENT, SET_MANY } from './scripts';

const ttl = (ms: number | undefined): string =>
	ms === undefined ? '' : String(Math.max(1, Math.ceil(ms)));

export class RedisFacts implements Facts {
	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
	) {}

	async get(key: string): Promise<Uint8Array | undefined> {
		return (await this.getMany([key]))[0];
	}

	async getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>> {
		const names = keys.map((key) => this.names.fact(key));
		const [first] = names;
		if (first === undefined) return [];
		const reply = await this.connection.command(first, ['MGET', ...names], true);
		return (reply as Array<Buffer | null>).map((value) => value ?? undefined);
	}

	async set(key: string, value: Uint8Array, ttlMs?: number): Promise<void> {
		const name = this.names.fact(key);
		const expiry = ttlMs === undefined ? [] : ['PX', ttl(ttlMs)];
		await this.connection.command(name, ['SET', name, asBuffer(value), ...expiry]);
	}

	/** Repeated when in doubt: writing the same twice under the same lease changes nothing. */
	async setMany(facts: ReadonlyMap<string, Fact>, fence?: Fence): Promise<void> {
		if (facts.size === 0) return;
		const { names } = this;
		await this.connection.script(
			SET_MANY,
			[names.lease, ...[...facts.keys()].map((key) => names.fact(key))],
			[
				tokenOf(fence),
				...[...facts.values()].flatMap(({ value, ttlMs }) => [asBuffer(value), ttl(ttlMs)]),
			],
		);
	}

	/** Not repeated when in doubt: our own first try would look like somebody else's value. */
	async setIfAbsent(
		key: string,
		value: Uint8Array,
		ttlMs?: number,
	): Promise<Uint8Array | undefined> {
		const args = [asBuffer(value), ttl(ttlMs)];
		const held = await this.connection.script(SET_IF_ABSENT, [this.names.fact(key)], args, false);
		return (held as Buffer | null) ?? undefined;
	}

	async delete(keys: readonly string[]): Promise<void> {
		const names = keys.map((key) => this.names.fact(key));
		const [first] = names;
		if (first !== undefined) await this.connection.command(first, ['UNLINK', ...names]);
	}

	/** Not repeated when in doubt: it would count twice. */
	async increment(key: string, by: number, ttlMs?: number): Promise<number> {
		const args = [String(by), ttl(ttlMs)];
		return Number(await this.connection.script(INCREMENT, [this.names.fact(key)], args, false));
	}

	async *keys(prefix: string): AsyncIterable<string> {
		const base = this.names.fact('');
		const pattern = this.names.pattern(`f:${prefix}`);
		for await (const found of scan(this.connection, base, pattern)) yield found.slice(base.length);
	}
}
