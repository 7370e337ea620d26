/**
 * What is not decrypted survives a crash too: group changes, receipts, calls, posts of channels.
 * Baileys tells the server that it has a notice as soon as it has emitted its events, so each is
 * stored before Baileys gets to see it, and forgotten a while after. What a killed process left is
 * given to the next socket as if it came from the server: the inbox takes the same event once.
 */
import type { BinaryNode, SignalKeyStore, WASocket } from '@whiskeysockets/baileys';
import { journalEntries } from '../auth';
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import { encodeStanza, idOf, packEntry } from './journal';
import { isEncrypted } from './stanza';

const PREFIX = 'notice-';
/** Until its events are surely in the inbox. */
const KEEP_MS = 15_000;
/** Notices of these types become events whose ids are the same at every repetition. */
const NOTIFICATIONS: ReadonlySet<string> = new Set(['w:gp2', 'picture', 'newsletter']);

export const isNotice = (id: string): boolean => id.startsWith(PREFIX);

/** What kind of event a receipt becomes. */
const RECEIPTS: Readonly<Record<string, string>> = {
	'': 'message.delivered',
	read: 'message.read',
	played: 'message.played',
};

/** Whether events that workflows see come of this stanza. */
export function isKept(node: BinaryNode, isWanted: (event: string) => boolean): boolean {
	const { tag, attrs } = node;
	if (tag === 'call') return true;
	// What is decrypted has a journal of its own; posts of channels and empty notices have not.
	if (tag === 'message') return !isEncrypted(node);
	if (tag === 'receipt') {
		// A retry asks for a message again; repeating that would send it again.
		const event = RECEIPTS[attrs.type ?? ''];
		return event !== undefined && isWanted(event);
	}
	if (tag !== 'notification' || !NOTIFICATIONS.has(attrs.type ?? '')) return false;
	// A person's picture has no id of its own.
	return attrs.type !== 'picture' || (attrs.from ?? '').endsWith('@g.us');
}

export class Notices {
	private left: BinaryNode[] = [];
	private readonly old: string[] = [];
	private cancel: () => void = () => {};
	private stopped = false;

	constructor(
		private readonly deps: {
			/** Whether some trigger asks for an event that is stored on demand only. */
			isWanted(event: string): boolean;
			/** Drops journal entries once everything taken in so far is in the inbox. */
			drop(ids: readonly string[]): Promise<void>;
			clock: Clock;
			log: Log;
		},
	) {}

	/** What a former process stored and may not have brought into the inbox. */
	remember(node: BinaryNode): void {
		this.left.push(node);
	}

	/** Whether this has to be stored before Baileys may see it. */
	keeps(node: BinaryNode): boolean {
		return !this.stopped && isKept(node, (event) => this.deps.isWanted(event));
	}

	/** Gives what a former process left to this socket; call it when the connection is open. */
	repeat(socket: WASocket): void {
		for (const node of this.left.splice(0)) socket.ws.emit(`CB:${node.tag}`, node);
	}

	stop(): void {
		this.stopped = true;
		this.cancel();
	}

	/** False when it could not be stored: then nobody may confirm it, and the server repeats it. */
	async store(node: BinaryNode, keys: SignalKeyStore): Promise<boolean> {
		try {
			const stanza = encodeStanza(node);
			const id = PREFIX + idOf(stanza);
			await keys.set(journalEntries({ [id]: packEntry(stanza) }));
			this.forgetLater(id);
			return true;
		} catch (error) {
			this.deps.log.warn('a notice could not be stored; WhatsApp will repeat it', {
				error: errorName(error),
			});
			return false;
		}
	}

	private forgetLater(id: string): void {
		this.old.push(id);
		if (this.old.length === 1)
			this.cancel = this.deps.clock.after(KEEP_MS, () => void this.settle());
	}

	/** Forgets all whose events are in the inbox: a while after they came, or when the socket is closed. */
	async settle(): Promise<void> {
		this.cancel();
		const old = this.old.splice(0);
		// They would stay until the next start, and be events once all the same.
		if (old.length > 0) await this.deps.drop(old);
	}
}
