/**
 * Baileys' `promiseTimeout`, which it calls for every frame it sends and every query. Its own makes texts
 * of two stack traces in advance, and ends a timer that was not needed by making an error of it: a
 * seventh of the processor time of a text. This one resolves and rejects as Baileys' does
 * (Utils/generics.js of 7.0.0-rc14); only the stack that the error of a timeout carries is its own.
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

/** @param file the module in whose place it stands: what tells a timeout of Baileys (session/guard.ts) */
export function quickTimeout(Boom: BoomClass, file: string) {
	return async <T>(ms: number | undefined, promise: Executor<T>): Promise<T> => {
		if (!ms) return await new Promise(promise);
		let timer: NodeJS.Timeout | undefined;
		return await new Promise<T>((resolve, reject) => {
			timer = setTimeout(() => {
				const stack = `Error: Timed Out\n    at promiseTimeout (${file})`;
				const overdue = new Boom('Timed Out', { statusCode: TIMED_OUT, data: { stack } });
				overdue.stack = stack;
				reject(overdue);
			}, ms);
			promise(resolve, reject);
		}).finally(() => clearTimeout(timer));
	};
}
