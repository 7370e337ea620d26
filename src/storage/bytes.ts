/** Counters are kept as decimal digits, as Redis keeps them, so that every backend reads alike. */
import { LinkedError } from '../errors';

export function counterValue(bytes: Uint8Array | undefined): number {
	if (!bytes) return 0;
	const text = Buffer.from(bytes).toString('latin1');
	if (!/^-?\d{1,16}$/.test(text)) {
		throw new LinkedError('unexpected', { detail: 'A counter has a value that is no number.' });
	}
	return Number(text);
}

export const counterBytes = (value: number): Uint8Array => Buffer.from(String(value), 'latin1');

/** A copy that shares no memory with what the caller may go on changing. */
export const copy = (bytes: Uint8Array): Uint8Array => Buffer.from(bytes);
