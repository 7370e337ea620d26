import type { Recorder } from './recorder';

/** Long, since many tests share few cores; what is awaited normally takes milliseconds. */
const DEFAULT_MS = 45_000;

/**
 * Resolves with the first defined value of the probe, looked at after every stanza and change;
 * rejects after `timeoutMs` with `what` and the last stanzas.
 */
export async function waitFor<T>(
	recorder: Recorder,
	what: string,
	probe: () => T | undefined,
	timeoutMs = DEFAULT_MS,
): Promise<T> {
	return await new Promise((resolve, reject) => {
		let off = () => {};
		const timer = setTimeout(() => {
			off();
			const last = recorder.dump().split('\n').slice(-25).join('\n');
			reject(new Error(`waited ${timeoutMs} ms for ${what}; last stanzas:\n${last}`));
		}, timeoutMs);
		const look = () => {
			let value: T | undefined;
			try {
				value = probe();
			} catch (error) {
				clearTimeout(timer);
				off();
				reject(error instanceof Error ? error : new Error(String(error)));
				return;
			}
			if (value === undefined) return;
			clearTimeout(timer);
			off();
			resolve(value);
		};
		off = recorder.onChange(look);
		look();
	});
}
