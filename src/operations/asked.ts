/** Questions to WhatsApp's server, and its refusals in our words. */
import { LinkedError, type ErrorCode } from '../errors';

/** An error of the catalogue, with a sentence that says what it is about here. */
export type Meaning = ErrorCode | { code: ErrorCode; detail: string };

/** What the server's numbers mean whatever was asked. */
const USUAL: Readonly<Record<number, Meaning>> = {
	401: 'not-allowed',
	403: 'not-allowed',
	404: 'not-found',
	408: 'connect-timeout',
	428: 'offline',
	429: 'rate-limited',
};

/**
 * The answer, or the refusal as an error for people.
 * @param meanings what numbers mean for this question, before the usual
 * @throws LinkedError
 */
export async function asked<T>(
	answer: Promise<T>,
	meanings: Readonly<Record<number, Meaning>> = {},
): Promise<T> {
	try {
		return await answer;
	} catch (cause) {
		if (cause instanceof LinkedError) throw cause;
		const status = refusalOf(cause);
		if (status === undefined) throw cause;
		const meaning = meanings[status] ?? USUAL[status] ?? 'rejected';
		const { code, detail } = typeof meaning === 'string' ? { code: meaning } : meaning;
		throw new LinkedError(code, {
			detail: detail ?? (code === 'rejected' ? `It answered ${status}.` : undefined),
			data: { status },
			cause,
		});
	}
}

/**
 * The number that a refused query carries: Baileys' Boom has the server's as `data`, and as status
 * what it found out itself (408 no answer, 428 connection closed).
 */
export function refusalOf(error: unknown): number | undefined {
	if (typeof error !== 'object' || error === null) return undefined;
	const { data, output } = error as { data?: unknown; output?: { statusCode?: unknown } };
	if (typeof data === 'number' && Number.isInteger(data)) return data;
	const status = output?.statusCode;
	// 500 is what Boom calls everything that nobody gave a number.
	return typeof status === 'number' && status !== 500 ? status : undefined;
}
