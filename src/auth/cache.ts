/** What a cached key holds: its value, or nothing when the storage is known to have none. */
export type Cached = { value: unknown } | { missing: true };

/** What one entry costs beside its bytes. */
const OVERHEAD = 150;

/**
 * The last used keys of one account. May be trusted because the lease lets only one process write;
 * whoever loses the lease must call `clear`.
 */
export class KeyCache {
	/** In order of use, the last used one last. */
	private readonly entries = new Map<string, { cached: Cached; size: number }>();
	private size = 0;

	/** @param limit bytes that the encoded values may have together */
	constructor(private readonly limit: number) {}

	get(name: string): Cached | undefined {
		const entry = this.entries.get(name);
		if (!entry) return undefined;
		this.entries.delete(name);
		this.entries.set(name, entry);
		return entry.cached;
	}

	set(name: string, cached: Cached, bytes: number): void {
		this.delete(name);
		const size = bytes + OVERHEAD;
		// One huge value must not push everything else out.
		if (size > this.limit / 8) return;
		this.entries.set(name, { cached, size });
		this.size += size;
		for (const oldest of this.entries.keys()) {
			if (this.size <= this.limit) break;
			this.delete(oldest);
		}
	}

	delete(name: string): void {
		const entry = this.entries.get(name);
		if (!entry) return;
		this.size -= entry.size;
		this.entries.delete(name);
	}

	clear(): void {
		this.entries.clear();
		this.size = 0;
	}
}
