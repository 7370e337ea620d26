/**
 * History that the phone sends: at linking, and when it is asked for older messages. Each part comes
 * as a notice that names an encrypted file (or holds it), which Baileys fetches. The notice stays in
 * the journal until its messages are stored; when Baileys did not manage, or the process died
 * meanwhile, the file is fetched again here.
 */
import type { BaileysEventMap, proto, WAMessage } from '@whiskeysockets/baileys';
import type { Baileys } from '../baileys';
import type { Clock } from '../clock';
import { Emitter } from '../emitter';
import { errorName, type Log } from '../log';

type Notice = proto.Message.IHistorySyncNotification;
export type HistorySet = BaileysEventMap['messaging-history.set'];

/** HistorySync.HistorySyncType: those that Baileys fetches with its defaults, and that hold chats or names. */
const FETCHED: ReadonlySet<number> = new Set([0, 3, 4, 6]);
/** Baileys fetches at once; a large part over a slow line takes a while. */
const PATIENCE_MS = 60_000;
const TRIES = 3;
const REMEMBERED = 100;

export interface PastDeps {
	baileys: Baileys;
	/** Takes in what was fetched here; resolves when it is stored. */
	take(set: HistorySet): Promise<void>;
	clock: Clock;
	log: Log;
}

export interface Answer {
	/** Messages that came. */
	messages: number;
	/** The phone has none that are older. */
	isAll: boolean;
}

export class Past {
	/** Parts that were announced and have not come, each with who waits until it is stored. */
	private readonly announced = new Map<string, { message: WAMessage; stored: () => void }>();
	/** Answers to requests of lately, which may come before anybody waits for them. */
	private readonly answers = new Map<string, Answer>();
	private readonly answered = new Emitter<string>();
	private readonly unsettled = new WeakMap<WAMessage, Promise<void>>();
	private stopped = false;

	constructor(private readonly deps: PastDeps) {}

	/** A notice of a part came. @param here nobody else fetches it */
	announce(message: WAMessage, here = false): void {
		const notice = noticeOf(message);
		if (this.unsettled.has(message)) return;
		if (!notice || !message.key.fromMe || !FETCHED.has(notice.syncType ?? -1)) return;
		const settled = new Promise<void>((stored) => {
			this.announced.set(nameOf(notice), { message, stored });
		});
		this.unsettled.set(message, settled);
		if (here) void this.fetch(notice, 1);
		else this.later(notice, 1);
	}

	/** A part came, and is stored when the promise resolves. */
	async came(set: HistorySet, stored: Promise<unknown>): Promise<void> {
		await stored;
		const name = nameOf(set);
		this.announced.get(name)?.stored();
		this.announced.delete(name);
		const request = set.peerDataRequestSessionId;
		if (!request) return;
		this.answers.set(request, { messages: set.messages.length, isAll: isAllOf(set) });
		for (const oldest of this.answers.keys()) {
			if (this.answers.size <= REMEMBERED) break;
			this.answers.delete(oldest);
		}
		this.answered.emit(request);
	}

	/** Resolves when the part that this message announces is stored; undefined when it announces none. */
	whenStored(message: WAMessage): Promise<void> | undefined {
		return this.unsettled.get(message);
	}

	/** What the phone sends for a request; undefined when it does not answer in time. */
	async answerTo(
		request: string,
		timeoutMs: number,
		signal?: AbortSignal,
	): Promise<Answer | undefined> {
		await this.answered.waitFor(
			() => request,
			(answered) => answered === request && this.answers.has(request),
			{ timeoutMs, signal, clock: this.deps.clock },
		);
		return this.answers.get(request);
	}

	stop(): void {
		this.stopped = true;
	}

	private later(notice: Notice, tries: number): void {
		this.deps.clock.after(PATIENCE_MS, () => {
			if (!this.stopped && this.announced.has(nameOf(notice))) void this.fetch(notice, tries);
		});
	}

	private async fetch(notice: Notice, tries: number): Promise<void> {
		const { baileys, log } = this.deps;
		try {
			const found = await baileys.downloadAndProcessHistorySyncNotification(notice, {});
			if (this.stopped) return;
			const { chunkOrder, peerDataRequestSessionId } = notice;
			const set: HistorySet = { ...found, chunkOrder, peerDataRequestSessionId };
			await this.came(set, this.deps.take(set));
		} catch (error) {
			log.warn('a part of the history could not be fetched', { error: errorName(error), tries });
			if (tries < TRIES) {
				this.later(notice, tries + 1);
				return;
			}
			// Nothing more can be done for it; the journal need not keep it.
			this.announced.get(nameOf(notice))?.stored();
			this.announced.delete(nameOf(notice));
		}
	}
}

export function noticeOf({ message }: WAMessage): Notice | undefined {
	return message?.protocolMessage?.historySyncNotification ?? undefined;
}

/** EndOfHistoryTransferType: complete, and no more messages remain on the phone. */
const NO_MORE = 1;

function isAllOf({ chats }: HistorySet): boolean {
	return (chats as proto.IConversation[]).every(
		({ endOfHistoryTransferType: type, endOfHistoryTransfer: end }) =>
			type === null || type === undefined ? end === true : type === NO_MORE,
	);
}

const nameOf = ({
	syncType,
	chunkOrder,
	peerDataRequestSessionId,
}: Pick<HistorySet, 'syncType' | 'chunkOrder' | 'peerDataRequestSessionId'> | Notice): string =>
	`${syncType ?? ''}:${chunkOrder ?? ''}:${peerDataRequestSessionId ?? ''}`;
