import type { Clock } from '../../clock';
import { copy, counterBytes, counterValue } from '../bytes';
import type { LocalLease } from '../localLease';
import type { Fact, Facts, Fence } from '../roles';

export class MemoryFacts implements Facts {
	private readonly facts = new Map<string, { value: Uint8Array; until: number }>();
	private writes = 0;

	constructor(
		private readonly clock: Clock,
		private readonly lease: LocalLease,
	) {}

	async get(key: string): Promise<Uint8Array | undefined> {
		const value = this.live(key)?.value;
		return value && copy(value);
	}

	async getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>> {
		return await Promise.all(keys.map((key) => this.get(key)));
	}

	async set(key: string, value: Uint8Array, ttlMs?: number): Promise<void> {
		this.put(key, copy(value), this.until(ttlMs));
	}

	async setMany(facts: ReadonlyMap<string, Fact>, fence?: Fence): Promise<void> {
		this.lease.check(fence);
		for (const [key, { value, ttlMs }] of facts) this.put(key, copy(value), this.until(ttlMs));
	}

	async setIfAbsent(
		key: string,
		value: Uint8Array,
		ttlMs?: number,
	): Promise<Uint8Array | undefined> {
		const held = this.live(key);
		if (held) return copy(held.value);
		this.put(key, copy(value), this.until(ttlMs));
		return undefined;
	}

	async delete(keys: readonly string[]): Promise<void> {
		for (const key of keys) this.facts.delete(key);
	}

	async increment(key: string, by: number, ttlMs?: number): Promise<number> {
		const held = this.live(key);
		const value = counterValue(held?.value) + by;
		this.put(key, counterBytes(value), held?.until ?? this.until(ttlMs));
		return value;
	}

	async *keys(prefix: string): AsyncIterable<string> {
		for (const key of [...this.facts.keys()])
			if (key.startsWith(prefix) && this.live(key)) yield key;
	}

	erase(): void {
		this.facts.clear();
	}

	private until(ttlMs: number | undefined): number {
		return ttlMs === undefined ? Infinity : this.clock.now() + ttlMs;
	}

	private live(key: string) {
		const held = this.facts.get(key);
		if (!held || held.until > this.clock.now()) return held;
		this.facts.delete(key);
		return undefined;
	}

	private put(key: string, value: Uint8Array, until: number): void {
		this.facts.set(key, { value, until });
		// Expired facts that nobody reads again must go too.
		if (++this.writes % 1000 === 0) for (const known of [...this.facts.keys()]) this.live(known);
	}
}
