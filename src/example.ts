/** Execute Step in the editor: an event to build the workflow with. */
import type { Sealer } from './auth';
import type { Clock } from './clock';
import { LinkedError } from './errors';
import type { LinkedEvent } from './events';
import { openEntry } from './inbound/entries';
import type { Envelope } from './inbound/envelope';
import type { JsonObject } from './operations';
import type { AccountStorage } from './storage/roles';

interface Stored {
	storage: AccountStorage;
	sealer: Sealer;
}

export interface ExampleSource extends Stored {
	open(): Promise<void>;
	status(): Promise<JsonObject>;
}

/** How often somebody who waits for an event looks whether there can be one. */
const LOOK_MS = 1_000;

/**
 * The latest stored event that fits, at once, or the next one; undefined when called off.
 * @throws LinkedError `not-linked` and the like when there can be no next one
 */
export async function exampleOf(
	number: ExampleSource,
	wants: (event: LinkedEvent) => boolean,
	signal: AbortSignal,
	clock: Clock,
): Promise<Envelope | undefined> {
	const over = new AbortController();
	try {
		return await Promise.race([
			latestOrNext(number, wants, AbortSignal.any([signal, over.signal])),
			trouble(number, over.signal, clock),
		]);
	} finally {
		over.abort();
	}
}

/** Rejects with what keeps the number from hearing anything until a person does something. */
async function trouble(number: ExampleSource, signal: AbortSignal, clock: Clock): Promise<never> {
	await number.open();
	for (;;) {
		await clock.sleep(LOOK_MS, signal);
		const { state, error } = await number.status();
		if (state === 'unlinked') throw new LinkedError('not-linked');
		if (state === 'stopped') throw LinkedError.fromJSON(codeOf(error));
	}
}

const codeOf = (error: unknown) => (error ?? { code: 'offline' }) as { code: LinkedError['code'] };

/** How many of the latest events are looked through for an example. */
const LOOK_BACK = 500;

/**
 * For Execute Step in the editor: the latest stored event that fits, at once, or the next one.
 * Reads beside the production trigger and takes nothing away from it.
 */
async function latestOrNext(
	{ storage, sealer }: Stored,
	wants: (event: LinkedEvent) => boolean,
	signal: AbortSignal,
): Promise<Envelope | undefined> {
	const fitting = (value: Uint8Array): Envelope | undefined => {
		try {
			const envelope = openEntry(sealer, value);
			return wants(envelope.event) ? envelope : undefined;
		} catch {
			// One that cannot be read is no example.
			return undefined;
		}
	};
	const latest = await storage.inbox.latest(LOOK_BACK);
	for (const { value } of latest) {
		const envelope = fitting(value);
		if (envelope) return envelope;
	}
	let position = latest[0]?.seq ?? '';
	return await new Promise<Envelope | undefined>((resolve, reject) => {
		let looking = Promise.resolve();
		const stop = (end: () => void) => {
			off();
			signal.removeEventListener('abort', onAbort);
			end();
		};
		const look = () => {
			looking = looking.then(async () => {
				for (const entry of await storage.inbox.read(position, 100)) {
					position = entry.seq;
					const envelope = fitting(entry.value);
					if (!envelope) continue;
					stop(() => resolve(envelope));
					return;
				}
			});
			looking.catch((error: unknown) => stop(() => reject(error as Error)));
		};
		const onAbort = () => stop(() => resolve(undefined));
		const off = storage.inbox.onAppend(look);
		signal.addEventListener('abort', onAbort, { once: true });
		if (signal.aborted) onAbort();
		else look();
	});
}
