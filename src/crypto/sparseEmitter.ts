/**
 * An EventEmitter for Baileys' socket, which offers every stanza under some 30 names (`CB:message,id:...`)
 * of which one or two have listeners. To look up a name that was just put together, it must be flattened
 * and hashed; names of a length that nobody listens to need not be (7 µs a stanza, so 2).
 */
import type { EventEmitter } from 'node:events';

type EmitterClass = new () => EventEmitter;
type Name = string | symbol;
type Listener = Parameters<EventEmitter['on']>[1];

export function sparseEmitter(Emitter: EmitterClass): EmitterClass {
	return class extends Emitter {
		/** Of all names that were ever listened to. */
		readonly #lengths = new Set<number>();

		override emit(name: Name, ...args: unknown[]): boolean {
			// An error that nobody listens to is thrown.
			if (typeof name === 'string' && name !== 'error' && !this.#lengths.has(name.length)) {
				return false;
			}
			return super.emit(name, ...args);
		}

		// `once` calls `on`, `prependOnceListener` calls `prependListener`.
		override on(name: Name, listener: Listener): this {
			this.#note(name);
			return super.on(name, listener);
		}

		override addListener(name: Name, listener: Listener): this {
			this.#note(name);
			return super.addListener(name, listener);
		}

		override prependListener(name: Name, listener: Listener): this {
			this.#note(name);
			return super.prependListener(name, listener);
		}

		#note(name: Name): void {
			if (typeof name === 'string') this.#lengths.add(name.length);
		}
	};
}
