/** What the catalogue says of an error. */

/** What a caller may do with the same request later. */
export type Retry = 'later' | 'relink' | 'never';

export interface ErrorEntry {
	/** What happened, in the user's words. One sentence. */
	readonly what: string;
	/** The next step. One or two sentences. */
	readonly next: string;
	readonly retry: Retry;
	/** True when WhatsApp surely never got the request, so that doing it again cannot do it twice. */
	readonly certain: boolean;
}

export const entry = (what: string, next: string, retry: Retry, certain = true): ErrorEntry => ({
	what,
	next,
	retry,
	certain,
});
