import { runtime } from '../../src/runtime';

const EVERY_ITEMS = 100;
const EVERY_MS = 30_000;

/** Tells n8n's log how far a long run is; silent for short ones. */
export function progress(of: number): (done: number) => void {
	let last = Date.now();
	return (done) => {
		const now = Date.now();
		if (done === 0 || (done % EVERY_ITEMS !== 0 && now - last < EVERY_MS)) return;
		last = now;
		runtime().log.info('items done', { done, of });
	};
}
