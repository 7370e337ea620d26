/**
 * An LRUCache that ends what is too old by one timer for all. With `ttlAutopurge` it makes one for every
 * entry, and Baileys keeps each message of the last minutes in such a cache. Nothing too old is handed out
 * either way; it only stays in memory longer, at most twice its time and never more than `max` entries.
 */

/** Of lru-cache, as far as it is needed here. */
interface Options {
	max?: number;
	ttl?: number;
	ttlAutopurge?: boolean;
}

interface Cache {
	readonly size: number;
	set(...given: unknown[]): this;
	purgeStale(): boolean;
}

type CacheClass = new (options: Options) => Cache;

export function lateExpiry(Original: CacheClass): CacheClass {
	return class extends Original {
		readonly #every: number;
		#isWaiting = false;

		constructor(options: Options) {
			// Without a limit, lru-cache warns of a cache that does not purge itself.
			const { max = 0, ttl = 0, ttlAutopurge } = options;
			const late = ttlAutopurge === true && max > 0;
			super(late ? { ...options, ttlAutopurge: false } : options);
			this.#every = late ? ttl : 0;
		}

		override set(...given: unknown[]): this {
			super.set(...given);
			if (this.#every > 0 && !this.#isWaiting) this.#purgeLater();
			return this;
		}

		#purgeLater(): void {
			this.#isWaiting = true;
			const purge = () => {
				this.#isWaiting = false;
				this.purgeStale();
				if (this.size > 0) this.#purgeLater();
			};
			setTimeout(purge, this.#every).unref();
		}
	};
}
