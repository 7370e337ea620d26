/**
 * The one catalogue of errors that people meet. Each entry says what happened in their words and
 * what to do next; code inside branches on the stable `code`, never on the text.
 */
import { DOING } from './doing';
import type { ErrorEntry, Retry } from './entry';
import { INPUT } from './input';
import { SESSION } from './session';
import { STORAGE } from './storage';

export const CATALOGUE = {
	...SESSION,
	...STORAGE,
	...INPUT,
	...DOING,
} as const satisfies Record<string, ErrorEntry>;

export type { ErrorEntry, Retry };
export type ErrorCode = keyof typeof CATALOGUE;

/** How an error travels between processes and into n8n's item JSON. */
export interface ErrorJson {
	code: ErrorCode;
	detail?: string;
	data?: Record<string, string | number | boolean | null>;
}

export interface LinkedErrorOptions {
	/** One more sentence for people, for example which field or which value. No secrets, no message text. */
	detail?: string;
	/** Machine-readable facts, for example `{ status: 463 }`. No secrets, no message text. */
	data?: Record<string, string | number | boolean | null>;
	cause?: unknown;
}

/** An error that people meet. `message` says what happened, `next` what to do. */
export class LinkedError extends Error {
	override readonly name = 'LinkedError';

	constructor(
		readonly code: ErrorCode,
		private readonly options: LinkedErrorOptions = {},
	) {
		const { what } = CATALOGUE[code];
		super(options.detail ? `${what} ${options.detail}` : what, { cause: options.cause });
	}

	get next(): string {
		return CATALOGUE[this.code].next;
	}

	get retry(): Retry {
		return CATALOGUE[this.code].retry;
	}

	get certain(): boolean {
		return CATALOGUE[this.code].certain;
	}

	/** The sentence that is particular to this one. */
	get detail(): string | undefined {
		return this.options.detail;
	}

	get data(): Record<string, string | number | boolean | null> {
		return this.options.data ?? {};
	}

	toJSON(): ErrorJson {
		return { code: this.code, detail: this.options.detail, data: this.options.data };
	}

	static fromJSON(json: ErrorJson): LinkedError {
		const code = json.code in CATALOGUE ? json.code : 'unexpected';
		return new LinkedError(code, { detail: json.detail, data: json.data });
	}

	/** The error itself when it is ours, otherwise an `unexpected` one that keeps it as cause. */
	static from(error: unknown): LinkedError {
		if (error instanceof LinkedError) return error;
		// A LinkedError of an older copy of this package in the same process (see runtime.ts).
		if (error instanceof Error && error.name === 'LinkedError' && 'toJSON' in error) {
			return LinkedError.fromJSON((error.toJSON as () => ErrorJson)());
		}
		return new LinkedError('unexpected', { cause: error });
	}
}
