/**
 * Readers for values of unknown origin: a decoded protobuf, the same after a round trip through JSON,
 * or something a stranger made up. They never throw and never return `undefined`, so that what is
 * built from them is plain JSON.
 */

/** A non-empty string, or null. */
export function str(value: unknown): string | null {
	return typeof value === 'string' && value !== '' ? value : null;
}

/** A finite number from a number, a decimal string, a bigint or a Long; otherwise null. */
export function num(value: unknown): number | null {
	// Adding zero turns -0, which JSON does not have, into 0.
	if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
	if (typeof value === 'bigint') return num(Number(value));
	if (typeof value === 'string') return /^-?\d{1,20}$/.test(value) ? Number(value) + 0 : null;
	if (value !== null && typeof value === 'object' && 'low' in value && 'high' in value) {
		// A Long (int64 in protobufjs), which loses its methods on a trip through JSON.
		const { low, high } = value;
		if (!Number.isInteger(low) || !Number.isInteger(high)) return null;
		const unsigned = 'unsigned' in value && value.unsigned === true;
		const top = unsigned ? (high as number) >>> 0 : (high as number) | 0;
		return top * 0x1_0000_0000 + ((low as number) >>> 0);
	}
	return null;
}

/** A number that is zero or more, or null: sizes, seconds, counts. */
export function count(value: unknown): number | null {
	const number = num(value);
	return number !== null && number >= 0 ? number : null;
}

/** True only for `true`. */
export function flag(value: unknown): boolean {
	return value === true;
}

/** The elements of an array; of anything else, none. */
export function list<T>(value: readonly T[] | null | undefined): readonly T[] {
	return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** Whether a bytes field holds anything: bytes, the JSON form of a Buffer, or base64. */
export function hasBytes(value: unknown): boolean {
	if (ArrayBuffer.isView(value)) return value.byteLength > 0;
	if (typeof value === 'string') return value !== '';
	if (Array.isArray(value)) return value.length > 0;
	if (value !== null && typeof value === 'object' && 'data' in value) {
		const { data } = value;
		return (typeof data === 'string' || Array.isArray(data)) && data.length > 0;
	}
	return false;
}

const LAST_MS = 8.64e15;

/** An ISO time from a count of seconds or milliseconds since the epoch; null when there is none. */
export function isoTime(value: unknown, unit: 'seconds' | 'milliseconds'): string | null {
	const number = num(value);
	if (number === null || number <= 0) return null;
	const ms = unit === 'seconds' ? number * 1000 : number;
	return ms <= LAST_MS ? new Date(ms).toISOString() : null;
}

/** The name of an enum value, given as number or as name; null when it is not in the table. */
export function enumName<T extends string>(
	names: Readonly<Record<number, T>>,
	value: unknown,
): T | null {
	if (typeof value === 'number') return Object.hasOwn(names, value) ? (names[value] ?? null) : null;
	if (typeof value !== 'string') return null;
	return Object.values(names).find((name) => name === value) ?? null;
}
