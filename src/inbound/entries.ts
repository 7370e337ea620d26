/**
 * The values of inbox entries: envelopes, sealed. An event is sealed once and then opened by each
 * trigger, and once more by its execution; while this process has the sealed bytes in memory
 * (storage/sqlite/recent.ts) it remembers what they were made of, so that none of them decrypts.
 */
import type { Sealer } from '../auth';
import { unpack, type Envelope } from './envelope';

const NAME = 'inbox';

/** By the very bytes that the storage keeps, and no longer than they are kept. */
const known = new WeakMap<Uint8Array, Uint8Array>();

export function sealEntry(sealer: Sealer, packed: Uint8Array): Uint8Array {
	const sealed = sealer.seal(NAME, packed);
	known.set(sealed, packed);
	return sealed;
}

/**
 * A copy of its own of what was stored.
 * @throws LinkedError `wrong-key` or `damaged-data`
 */
export function openEntry(sealer: Sealer, sealed: Uint8Array): Envelope {
	let packed = known.get(sealed);
	if (!packed) known.set(sealed, (packed = sealer.open(NAME, sealed)));
	const { event, message } = unpack(packed);
	// The event is parsed anew; the bytes of the message are part of what others get too.
	return message ? { event, message: Uint8Array.from(message) } : { event };
}
