/**
 * One runtime for each process, however many copies of this package's code there are. n8n loads new
 * code beside old when the package is updated or installed again: triggers that run keep their old
 * code, everything else gets the new. So the runtime hangs on a global object. Code of the same
 * version shares it. Code of another version, once it is used, has the old runtime closed in good
 * order and makes its own; triggers of the old code go on with that. From then on it is the one
 * runtime for the old code, too.
 */

/**
 * What versions know of each other, besides what code of an older one calls on `runtime()`. A later
 * version only ever adds to it.
 */
export interface Replaceable {
	readonly version: string;
	/** Names the process to others; stays when the runtime is replaced. */
	readonly process: string;
	/** Everything in good order. @param successor takes over what goes on, if there is one */
	close(successor?: Replaceable): Promise<void>;
	/** n8n is stopping. */
	drain(): Promise<void>;
}

/** A runtime that has been replaced. */
export interface Former {
	readonly process: string;
	/** Resolves when it holds no number and no storage any more. */
	readonly closed: Promise<void>;
}

interface Shared<R> {
	runtime?: R;
	/** How many copies of the code were loaded. */
	copies?: number;
}

const GLOBAL = Symbol.for('n8n-nodes-whatsapp-linked');
const EXIT_HOOK = Symbol.for('n8n-nodes-whatsapp-linked/exit');

/** What a copy of the code knows of the one runtime. */
export interface SharedOne<R> {
	/** The one runtime of the process. */
	(): R;
	/** Closes it in good order, if it is still this one, and puts a new one in its place. */
	renew(from: R): void;
	/** How many copies of the code this process has loaded. */
	copies(): number;
}

/** Call it once in each copy of the code. */
export function shareOne<R extends Replaceable>(
	version: string,
	make: (former?: Former) => R,
): SharedOne<R> {
	const holder = globalThis as { [GLOBAL]?: Shared<R> };
	const shared = () => (holder[GLOBAL] ??= {});
	const copy = (shared().copies ?? 0) + 1;
	shared().copies = copy;
	const replace = (before?: R): R => {
		let done = () => {};
		const closed = new Promise<void>((resolve) => (done = resolve));
		const fresh = make(before && { process: before.process, closed });
		shared().runtime = fresh;
		void Promise.resolve(before?.close(fresh)).then(done, done);
		closeOnExit(shared);
		return fresh;
	};
	const one = (): R => {
		const { runtime: before, copies = 0 } = shared();
		// Old code never takes back over.
		const isOld = copy < copies;
		return before && (before.version === version || isOld) ? before : replace(before);
	};
	return Object.assign(one, {
		renew(from: R) {
			if (shared().runtime === from) replace(from);
		},
		copies: () => shared().copies ?? 0,
	});
}

/**
 * On SIGTERM n8n closes triggers and then waits for running executions, which may still send. So
 * the signal only starts draining: each number is closed, and its lease released, with its last use.
 */
function closeOnExit(shared: () => Shared<Replaceable>): void {
	const marked = process as unknown as { [EXIT_HOOK]?: true };
	if (marked[EXIT_HOOK]) return;
	marked[EXIT_HOOK] = true;
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.once(signal, () => void shared().runtime?.drain());
	}
}
