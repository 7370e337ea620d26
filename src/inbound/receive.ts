/**
 * journal -> normalise -> inbox. Takes Baileys' events in the order they come, turns them into our
 * own and appends them; what the inbox has is dropped from the journal in the same write.
 */
import type { BaileysEventMap, WAMessage } from '@whiskeysockets/baileys';
import { EVENTS } from '../events';
import type { LinkedEvent, Normalised, NormaliseContext } from '../events';
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { Fence, Inbox } from '../storage/roles';
import { contentOf } from '../wa/content';

export interface ReceiveDeps {
	inbox: Inbox;
	context: NormaliseContext;
	/** Serialises and seals an event with the message behind it. */
	seal(event: LinkedEvent, message?: WAMessage): Promise<Uint8Array>;
	/** Journal ids that may be dropped once this message is in the inbox. */
	settle(message: WAMessage): string[];
	fence(): Fence | undefined;
	clock: Clock;
	log: Log;
	/** Counts, for Session > Get Status. */
	count(what: 'received' | 'undecryptable' | 'broken'): void;
}

interface Pending {
	key: string;
	value: Uint8Array;
}

/** Journal entries of WhatsApp's own messages stay until Baileys has surely acted on them. */
const PROTOCOL_SETTLE_MS = 60_000;
const RETRY_MS = 1_000;

export class Receiver {
	private queue: Pending[] = [];
	private drops: string[] = [];
	/** Normalising and appending happen one batch after another, which keeps the order. */
	private turn: Promise<void> = Promise.resolve();
	private stopped = false;

	constructor(private readonly deps: ReceiveDeps) {}

	/** Takes one batch; returns when it is in the inbox (or the receiver was stopped). */
	async take(events: Partial<BaileysEventMap>): Promise<void> {
		this.turn = this.turn
			.then(() => this.step(events))
			.catch((error: unknown) => {
				this.deps.log.error('a batch of events could not be taken in', { error: errorName(error) });
			});
		await this.turn;
	}

	/** Appends an event of our own making, e.g. about the account. */
	async note(event: LinkedEvent): Promise<void> {
		this.turn = this.turn.then(async () => {
			await this.add({ event });
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

	private async step(events: Partial<BaileysEventMap>): Promise<void> {
		const upsert = events['messages.upsert'];
		for (const message of upsert?.messages ?? []) {
			await this.message(message, upsert?.type === 'append' ? 'append' : 'notify');
		}
		for (const definition of EVENTS) {
			if (!definition.fromEvents) continue;
			try {
				for (const each of await definition.fromEvents(events, this.deps.context)) {
					await this.add(each);
				}
			} catch (error) {
				this.deps.count('broken');
				this.deps.log.error('an event could not be understood', {
					event: definition.name,
					error: errorName(error),
				});
			}
		}
		await this.flush();
	}

	private async message(message: WAMessage, type: 'notify' | 'append'): Promise<void> {
		const undecryptable = message.messageStubType === 2 && !message.message;
		if (undecryptable) {
			// The journal keeps it; the sender is asked again by Baileys.
			this.deps.count('undecryptable');
			return;
		}
		const normalised = await this.normalise(message, type);
		for (const each of normalised) await this.add(each);
		const ids = this.deps.settle(message);
		if (message.message?.protocolMessage && normalised.length === 0) {
			this.deps.clock.after(PROTOCOL_SETTLE_MS, () => {
				this.drops.push(...ids);
			});
		} else {
			this.drops.push(...ids);
		}
	}

	/** Never throws and never drops: what breaks a normaliser is delivered raw. */
	private async normalise(message: WAMessage, type: 'notify' | 'append'): Promise<Normalised[]> {
		const { context } = this.deps;
		try {
			const input = { message, content: contentOf(message.message), type };
			const found: Normalised[] = [];
			for (const { fromMessage } of EVENTS) {
				if (fromMessage) found.push(...(await fromMessage(input, context)));
			}
			if (found.length > 0) this.deps.count('received');
			return found;
		} catch (error) {
			this.deps.count('broken');
			this.deps.log.error('a message could not be understood and is delivered raw', {
				error: errorName(error),
			});
			const { key } = message;
			return [
				{
					event: {
						event: 'message.received',
						id: `raw:${key.remoteJid ?? ''}:${key.id ?? ''}:${key.participant ?? ''}`,
						timestamp: new Date(context.now()).toISOString(),
						chat: key.remoteJid ?? null,
						chatName: null,
						isGroup: false,
						from: null,
						fromMe: key.fromMe === true,
						messageId: key.id ?? null,
						text: null,
						kind: 'unsupported',
						warning: 'This message could not be understood; see raw.',
					},
					message,
				},
			];
		}
	}

	private async add({ event, message }: Normalised): Promise<void> {
		const value = await this.deps.seal(event, message as WAMessage | undefined);
		this.queue.push({ key: event.id, value });
	}

	/** Appends until it succeeds: the journal and this queue are all that knows of these events. */
	private async flush(): Promise<void> {
		while ((this.queue.length > 0 || this.drops.length > 0) && !this.stopped) {
			const batch = this.queue.slice(0, 500);
			const journalDrop = this.drops.slice();
			try {
				await this.deps.inbox.append(batch, { fence: this.deps.fence(), journalDrop });
				this.queue = this.queue.slice(batch.length);
				this.drops = this.drops.slice(journalDrop.length);
			} catch (error) {
				if (LinkedError.from(error).code === 'lease-lost') {
					// The new owner finds them in the journal.
					this.queue = [];
					this.drops = [];
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
