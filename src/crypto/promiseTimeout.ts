/**
 * Baileys' `promiseTimeout`, which it calls for every frame it sends and every query. Its own makes texts
 * of two stack traces in advance, and ends a timer that was not needed by making an error of it: a
 * seventh of the processor time of a text. This one resolves and rejects as Baileys' does
 * (Utils/generics.js of 7.0.0-rc14).
 */

/** What of @hapi/boom is needed; Baileys' own, which it compares with. */
export type BoomClass = new (
	message: string,
	options: { statusCode: number; data: { stack: string } },
) => Error;

type Executor<T> = (
	resolve: (value: T | PromiseLike<T>) => void,
	reject: (why?: unknown) => void,
) => void;

/** DisconnectReason.timedOut */
const TIMED_OUT = 408;

export function quickTimeout(Boom: BoomClass) {
	return async <T>(ms: number | undefined, promise: Executor<T>): Promise<T> => {
		if (!ms) return await new Promise(promise);
		// Noted where it is, but made a text only when it is needed.
		const asked = new Error();
		let timer: NodeJS.Timeout | undefined;
		return await new Promise<T>((resolve, reject) => {
			timer = setTimeout(() => {
				const { stack = '' } = asked;
				const overdue = new Boom('Timed Out', { statusCode: TIMED_OUT, data: { stack } });
				// Who asked is what tells a timeout of Baileys from others (session/guard.ts).
				overdue.stack = `${overdue.stack}${stack.slice(stack.indexOf('\n'))}`;
				reject(overdue);
			}, ms);
			promise(resolve, reject);
		}).finally(() => clearTimeout(timer));
	};
}
