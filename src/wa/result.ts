/**
 * What the pure functions of this room answer instead of throwing. `code` is one of the catalogue in
 * src/errors, so a caller can write `new LinkedError(result.code, { detail: result.detail })`.
 */
export type WaCode =
	'bad-phone' | 'bad-recipient' | 'bad-parameter' | 'bad-media' | 'empty-text' | 'text-too-long';

export interface Failure {
	readonly ok: false;
	readonly code: WaCode;
	/** One or two sentences for people: what exactly is wrong here and, where it helps, what to do. */
	readonly detail: string;
}

export interface Success<T> {
	readonly ok: true;
	readonly value: T;
}

export type Result<T> = Success<T> | Failure;

export const ok = <T>(value: T): Success<T> => ({ ok: true, value });

export const fail = (code: WaCode, detail: string): Failure => ({ ok: false, code, detail });
