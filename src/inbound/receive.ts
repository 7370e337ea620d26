/**
 * journal -> normalise -> inbox. Takes what happens in the order it comes, turns it into our own
 * events and appends them; what the inbox has is dropped from the journal in the same write.
 */
import type { WAMessage } from '@whiskeysockets/baileys';
import { EVENTS } from '../events';
import { identityOf } from '../events/messageBase';
import type {
	EventDefinition,
	Happenings,
	LinkedEvent,
	MessageInput,
	Normalised,
	NormaliseContext,
} from '../events/types';
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { Fence, Inbox } from '../storage/roles';
import { received } from '../wa/received';
import { isUndecryptable } from './waiting';
import { rawEvent, rawHappening } from './raw';

export type Happened = Partial<Happenings>;

export interface ReceiveDeps {
	inbox: Pick<Inbox, 'append'>;
	context: NormaliseContext;
	/** Serialises and seals an event with the message behind it. */
	seal(event: LinkedEvent, message?: WAMessage): Uint8Array;
	/** Journal ids that may be dropped once this message is in the inbox. */
	settle(message: WAMessage): string[];
	/** Whether a former process received it. */
	isReplayed(message: WAMessage): boolean;
	/** Resolves when what a message of WhatsApp's own led to is stored; undefined for most. */
	whenStored(message: WAMessage): Promise<void> | undefined;
	/** The message has no content: it could not be decrypted (yet). */
	failed(message: WAMessage): void;
	/** Whether this message was reported as undecryptable before. */
	wasGivenUp(identity: string): boolean;
	/** Whether some trigger asks for an event that is stored on demand only. */
	isWanted(event: string): boolean;
	fence(): Fence | undefined;
	clock: Clock;
	log: Log;
	/** Counts, for Session > Get Status. */
	count(what: 'received' | 'undecryptable' | 'broken'): void;
}

/** One thing to bring into the inbox, or journal entries to drop once what came before is there. */
interface Pending {
	entry?: { key: string; value: Uint8Array };
	drops?: readonly string[];
}

/** Journal entries of WhatsApp's own messages stay until Baileys has surely acted on them. */
const PROTOCOL_SETTLE_MS = 60_000;
const RETRY_MS = 1_000;
/** So much is appended in one write. */
const BATCH = 100;

type Ear = (happened: never, context: NormaliseContext) => Promise<Normalised[]>;

/** Who listens to what, by the name of what happens. */
const EARS = new Map<string, Array<{ definition: EventDefinition; ear: Ear }>>();
for (const definition of EVENTS) {
	for (const [name, ear] of Object.entries(definition.on ?? {})) {
		EARS.set(name, [...(EARS.get(name) ?? []), { definition, ear: ear as Ear }]);
	}
}
const OF_MESSAGES = EVENTS.filter(({ fromMessage }) => fromMessage);

export class Receiver {
	private incoming: Array<{
		happened: Happened;
		ready?: Promise<unknown>;
		drops?: readonly string[];
	}> = [];
	private queue: Pending[] = [];
	/** One batch after another, which keeps the order. */
	private turn: Promise<void> = Promise.resolve();
	private stopped = false;

	constructor(private readonly deps: ReceiveDeps) {}

	/** Whether anything is made of it; what nobody listens to need not stand in line. */
	static hears(happened: Happened): boolean {
		return Object.keys(happened).some((name) => name === 'messages.upsert' || EARS.has(name));
	}

	/**
	 * Takes what happened; returns when it is in the inbox (or the receiver was stopped).
	 * @param ready what has to be done before it is looked at
	 * @param drops journal entries to drop in the same write
	 */
	async take(
		happened: Happened,
		ready?: Promise<unknown>,
		drops?: readonly string[],
	): Promise<void> {
		this.incoming.push({ happened, ready, drops });
		this.turn = this.turn.then(() => this.work());
		await this.turn;
	}

	/** Drops journal entries that are of no use any more. */
	async drop(ids: readonly string[]): Promise<void> {
		this.turn = this.turn.then(async () => {
			this.queue.push({ drops: ids });
			await this.flush();
		});
		await this.turn;
	}

	/** Waits for what was taken before. */
	async idle(): Promise<void> {
		await this.turn;
	}

	stop(): void {
		this.stopped = true;
	}

	/** Normalises all that has come meanwhile and appends it in one write. */
	private async work(): Promise<void> {
		while (this.incoming.length > 0 && !this.stopped) {
			const next = this.incoming.shift();
			if (!next) break;
			try {
				await next.ready;
				await this.step(next.happened);
				if (next.drops) this.queue.push({ drops: next.drops });
			} catch (error) {
				this.deps.log.error('what happened could not be taken in', { error: errorName(error) });
			}
			if (this.queue.length >= BATCH) await this.flush();
		}
		await this.flush();
	}

	private async step(happened: Happened): Promise<void> {
		const upsert = happened['messages.upsert'];
		for (const message of upsert?.messages ?? []) {
			await this.message(message, upsert?.type === 'append' ? 'append' : 'notify');
		}
		for (const [name, value] of Object.entries(happened)) {
			for (const { definition, ear } of EARS.get(name) ?? []) {
				if (definition.onDemand && !this.deps.isWanted(definition.name)) continue;
				await this.hear(definition, ear, value);
			}
		}
	}

	private async hear(definition: EventDefinition, ear: Ear, value: unknown): Promise<void> {
		try {
			const found = await this.patiently(() => ear(value as never, this.deps.context));
			for (const each of found) this.add(each.key ?? each.event.id, each);
		} catch (error) {
			// One that cannot be understood must not take those with it that came in the same batch.
			if (Array.isArray(value) && value.length > 1) {
				for (const each of value as unknown[]) await this.hear(definition, ear, [each]);
				return;
			}
			this.deps.count('broken');
			this.deps.log.error('an event could not be understood and is delivered raw', {
				event: definition.name,
				error: errorName(error),
			});
			const event = rawHappening(definition.name, value, this.deps.context.now());
			this.add(event.id, { event });
		}
	}

	private async message(message: WAMessage, type: 'notify' | 'append'): Promise<void> {
		const { context } = this.deps;
		if (isUndecryptable(message)) {
			// The journal keeps it; the sender is asked again by Baileys.
			this.deps.count('undecryptable');
			this.deps.failed(message);
			return;
		}
		const identity = await this.patiently(() => identityOf(message.key, context));
		// What was reported as lost and comes after all must not be taken for a repetition.
		const prefix = this.deps.wasGivenUp(identity) ? 'late' : 'm';
		const normalised = await this.normalise(message, type, identity);
		for (const [index, each] of normalised.entries()) {
			this.add(each.key ?? `${prefix}:${identity}#${index}`, each);
		}
		const ids = this.deps.settle(message);
		if (message.message?.protocolMessage && normalised.length === 0) {
			const stored = this.deps.whenStored(message) ?? Promise.resolve();
			const drop = async () => {
				await stored;
				if (!this.stopped) await this.drop(ids);
			};
			// Baileys does not hear of what a former process received.
			if (this.deps.isReplayed(message)) void drop();
			else this.deps.clock.after(PROTOCOL_SETTLE_MS, () => void drop());
		} else {
			this.queue.push({ drops: ids });
		}
	}

	/** Never throws and never drops: what breaks a normaliser is delivered raw. */
	private async normalise(
		message: WAMessage,
		type: 'notify' | 'append',
		identity: string,
	): Promise<Normalised[]> {
		const { context } = this.deps;
		// n8n's own messages and reactions come by too, from this very process.
		if (message.key.fromMe && message.key.id && context.sentByUs(message.key.id)) return [];
		try {
			const input: MessageInput = { message, content: received(message), type, identity };
			const found: Normalised[] = [];
			for (const { fromMessage } of OF_MESSAGES) {
				let made = fromMessage?.(input, context);
				if (!made) continue;
				const again = async () => {
					const first = made;
					made = undefined;
					return (await (first ?? fromMessage?.(input, context))) ?? [];
				};
				found.push(...(await this.patiently(again)));
			}
			if (found.length > 0) this.deps.count('received');
			return found;
		} catch (error) {
			this.deps.count('broken');
			this.deps.log.error('a message could not be understood and is delivered raw', {
				error: errorName(error),
			});
			return [{ event: rawEvent(message, identity, context.now()), message }];
		}
	}

	/** Storage that is away comes back; the event waits for it. */
	private async patiently<T>(work: () => Promise<T>): Promise<T> {
		for (;;) {
			try {
				return await work();
			} catch (error) {
				const passes = error instanceof LinkedError && error.retry === 'later';
				if (!passes || error.code === 'lease-lost' || this.stopped) throw error;
				this.deps.log.warn('an event waits for the storage', { error: error.code });
				await this.deps.clock.sleep(RETRY_MS);
			}
		}
	}

	private add(key: string, { event, message }: Normalised): void {
		const value = this.deps.seal(event, message as WAMessage | undefined);
		this.queue.push({ entry: { key, value } });
	}

	/** Appends until it succeeds: the journal and this queue are all that knows of these events. */
	private async flush(): Promise<void> {
		while (this.queue.length > 0 && !this.stopped) {
			const batch = this.queue.slice(0, BATCH);
			const entries = batch.flatMap(({ entry }) => entry ?? []);
			const journalDrop = batch.flatMap(({ drops }) => drops ?? []);
			try {
				if (entries.length + journalDrop.length > 0) {
					await this.deps.inbox.append(entries, { fence: this.deps.fence(), journalDrop });
				}
				this.queue = this.queue.slice(batch.length);
			} catch (error) {
				if (LinkedError.from(error).code === 'lease-lost') {
					// The new owner finds them in the journal.
					this.queue = [];
					return;
				}
				this.deps.log.warn('the inbox could not be written; trying again', {
					error: errorName(error),
				});
				await this.deps.clock.sleep(RETRY_MS);
			}
		}
	}
}
