/**
 * Positions in an inbox, the same shape in every backend: 16 decimal digits, so that they compare as
 * strings. A position is the time of the append in microseconds, or one more than the last one if
 * that is not later. Starting from time rather than from 1 matters when a storage loses its data: new
 * entries still come after every position that a reader remembers.
 */
import { LinkedError } from '../errors';

/** The position before every entry. */
export const BEGINNING = '';

/** The next position after `last` (0 for none) at `nowMs` (milliseconds since the epoch). */
export function nextSeq(last: number, nowMs: number): number {
	return Math.max(last + 1, Math.floor(nowMs * 1000));
}

export function formatSeq(seq: number): string {
	return String(seq).padStart(16, '0');
}

/** The number behind a position, 0 for the beginning. Throws `unexpected` for anything else. */
export function parseSeq(seq: string): number {
	if (seq === BEGINNING) return 0;
	if (/^\d{16}$/.test(seq)) return Number(seq);
	throw new LinkedError('unexpected', { detail: 'This is not a position in the inbox.' });
}
