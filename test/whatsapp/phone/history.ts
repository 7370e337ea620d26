/**
 * What a phone tells a companion about the past: at linking, and when it asks for more. Payloads are
 * sent inline: a companion would fetch blobs from WhatsApp's own media host.
 */
import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';

import type { PhoneCore } from './core';
import { isGroup, isLid, isUser } from './jids';
import type { Inbox, PhoneMessage } from './messages';
import { type proto, toNumber, wa } from './proto';
import type { Sender } from './send';

export interface HistoryMessage {
	/** Made up if absent. */
	id?: string;
	text?: string;
	/** Instead of a text. */
	message?: proto.IMessage;
	fromMe?: boolean;
	/** Who wrote it, in a group. */
	from?: string;
	/** Seconds since the epoch; a minute after the one before if absent. */
	timestamp?: number;
	pushName?: string;
	starred?: boolean;
}

export interface HistoryChat {
	/** A person's or a group's address. */
	id: string;
	/** A group's subject or a contact's name. */
	name?: string;
	unread?: number;
	archived?: boolean;
	/** Seconds since the epoch. */
	pinned?: number;
	/** Milliseconds since the epoch. */
	mutedUntil?: number;
	/** Oldest first. */
	messages?: HistoryMessage[];
}

export interface PhoneHistory {
	chats: HistoryChat[];
	/** Push names by address. */
	names?: Record<string, string>;
	/**
	 * How many of a chat's newest messages a companion gets at linking; older ones it has to ask for.
	 * All if absent.
	 */
	atLinking?: number;
}

/** A ready message of the past. */
type Past = proto.IWebMessageInfo & { key: proto.IMessageKey };

/** Baileys' answer to how much it wants at once. */
const DEFAULT_ON_DEMAND = 50;

export class History {
	/** What is told; if not set, what this phone has itself sent and received. */
	content: PhoneHistory | undefined;
	/** Whether the phone answers a companion that asks for older messages. */
	answersRequests = true;
	/** The past messages of each chat, made once so that their ids stay. */
	private readonly past = new WeakMap<HistoryChat, Past[]>();

	constructor(
		private readonly core: PhoneCore,
		private readonly inbox: Inbox,
		private readonly sender: Sender,
	) {}

	/**
	 * Everything a new companion gets, in this order: the chats with their newest message, the names,
	 * and the older messages, which say that it is all (100 %).
	 */
	initialSyncs(): proto.Message.IHistorySyncNotification[] {
		const { HistorySyncType } = wa().Message;
		const history = this.current();
		const limit = history.atLinking ?? Infinity;
		const newest: proto.IConversation[] = [];
		const older: proto.IConversation[] = [];
		for (const chat of history.chats) {
			const messages = this.pastOf(chat).slice(-limit).reverse();
			newest.push(this.conversation(chat, messages.slice(0, 1)));
			if (messages.length > 1) older.push(this.conversation(chat, messages.slice(1)));
		}
		const pushnames = Object.entries(history.names ?? {}).map(([id, pushname]) => ({
			id,
			pushname,
		}));
		const phoneNumberToLidMappings = this.core.directory.pairs();
		return [
			this.pack(HistorySyncType.INITIAL_BOOTSTRAP, {
				conversations: newest,
				phoneNumberToLidMappings,
			}),
			this.pack(HistorySyncType.PUSH_NAME, { pushnames }),
			this.pack(HistorySyncType.RECENT, {
				conversations: older,
				phoneNumberToLidMappings,
				progress: 100,
			}),
		];
	}

	/** The messages of a chat that came before the one which the companion names. */
	onDemand(
		request: proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest,
		requestId: string,
	): proto.Message.IHistorySyncNotification {
		const { HistorySyncType } = wa().Message;
		const asked = request.chatJid ?? '';
		const chat = this.current().chats.find(
			({ id }) => this.core.directory.canonical(id) === this.core.directory.canonical(asked),
		);
		const all = chat ? this.pastOf(chat) : [];
		const at = all.findIndex(({ key }) => key.id === request.oldestMsgId);
		const before = toNumber(request.oldestMsgTimestampMs) / 1000;
		const end =
			at >= 0 ? at : all.filter((past) => toNumber(past.messageTimestamp) < before).length;
		const start = Math.max(0, end - (request.onDemandMsgCount || DEFAULT_ON_DEMAND));
		const messages = all.slice(start, end).reverse();
		const conversation = chat && {
			...this.conversation(chat, messages),
			endOfHistoryTransfer: start === 0,
		};
		const conversations = conversation ? [conversation] : [];
		return this.pack(HistorySyncType.ON_DEMAND, { conversations }, requestId);
	}

	/** A message of the past or present, for a companion that has only a placeholder of it. */
	find(id: string): proto.IWebMessageInfo | undefined {
		for (const chat of [...(this.content?.chats ?? []), ...this.own().chats]) {
			const found = this.pastOf(chat).find(({ key }) => key.id === id);
			if (found) return found;
		}
		return undefined;
	}

	private current(): PhoneHistory {
		return this.content ?? this.own();
	}

	/** The phone's own messages as history. */
	private own(): PhoneHistory {
		const chats = new Map<string, HistoryChat>();
		const names: Record<string, string> = {};
		const chatOf = (id: string): HistoryChat => {
			const chat = chats.get(id) ?? { id, messages: [] };
			chats.set(id, chat);
			return chat;
		};
		const shown = ({ message }: { message: proto.IMessage }) => !message.protocolMessage;
		for (const message of this.inbox.messages.filter(shown)) {
			chatOf(message.chat).messages!.push(received(message));
			if (message.pushName && !message.fromMe) names[message.from] = message.pushName;
		}
		for (const { id, chat, message, at } of this.sender.sent.filter(shown)) {
			const place = isUser(chat) ? this.core.directory.canonical(chat) : chat;
			chatOf(place).messages!.push({ id, message, fromMe: true, timestamp: at });
		}
		for (const chat of chats.values()) {
			chat.messages!.sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
		}
		return { chats: [...chats.values()], names };
	}

	private pastOf(chat: HistoryChat): Past[] {
		const known = this.past.get(chat);
		if (known) return known;
		const messages = chat.messages ?? [];
		let clock = this.core.seconds - messages.length * 60;
		const past = messages.map((entry): Past => {
			clock = entry.timestamp ?? clock + 60;
			const fromMe = entry.fromMe ?? false;
			const { Status } = wa().WebMessageInfo;
			const participant = isGroup(chat.id) ? (fromMe ? this.core.lid : entry.from) : undefined;
			return {
				key: {
					remoteJid: chat.id,
					fromMe,
					id: entry.id ?? randomBytes(16).toString('hex').toUpperCase(),
					participant,
				},
				message: entry.message ?? { conversation: entry.text ?? '' },
				messageTimestamp: clock,
				status: fromMe ? Status.READ : Status.DELIVERY_ACK,
				pushName: fromMe ? undefined : entry.pushName,
				starred: entry.starred,
				participant,
			};
		});
		this.past.set(chat, past);
		return past;
	}

	private conversation(chat: HistoryChat, messages: Past[]): proto.IConversation {
		const other = isUser(chat.id) ? this.core.directory.otherForm(chat.id) : undefined;
		const last = this.pastOf(chat).at(-1)?.messageTimestamp ?? this.core.seconds;
		return {
			id: chat.id,
			name: chat.name,
			displayName: isUser(chat.id) ? chat.name : undefined,
			unreadCount: chat.unread ?? 0,
			archived: chat.archived ?? false,
			pinned: chat.pinned,
			muteEndTime: chat.mutedUntil,
			conversationTimestamp: last,
			lastMsgTimestamp: last,
			pnJid: isLid(chat.id) ? other : undefined,
			lidJid: isLid(chat.id) ? undefined : other,
			endOfHistoryTransfer: true,
			messages: messages.map((message, msgOrderId) => ({ message, msgOrderId })),
		};
	}

	private pack(
		syncType: proto.Message.HistorySyncType,
		content: Omit<proto.IHistorySync, 'syncType'>,
		peerDataRequestSessionId?: string,
	): proto.Message.IHistorySyncNotification {
		// The two enums have the same numbers; one more kind exists in the notification only.
		const type = syncType as number as proto.HistorySync.HistorySyncType;
		const history = { ...content, syncType: type, chunkOrder: 1 };
		return {
			syncType,
			chunkOrder: 1,
			progress: content.progress,
			peerDataRequestSessionId,
			initialHistBootstrapInlinePayload: deflateSync(wa().HistorySync.encode(history).finish()),
		};
	}
}

const received = ({
	id,
	message,
	fromMe,
	from,
	timestamp,
	pushName,
}: PhoneMessage): HistoryMessage => ({
	id,
	message,
	fromMe,
	from,
	timestamp,
	pushName,
});

/** A made-up past: so many chats and groups, each with so many messages, the last of them now. */
export function madeUpHistory(size: {
	chats?: number;
	groups?: number;
	messagesEach?: number;
	/** Seconds since the epoch of the newest messages. */
	until: number;
}): PhoneHistory {
	const { chats = 3, groups = 0, messagesEach = 2, until } = size;
	const names: Record<string, string> = {};
	const person = (n: number) => `29${String(n).padStart(13, '0')}@lid`;
	const messages = (other?: string): HistoryMessage[] =>
		Array.from({ length: messagesEach }, (_, n) => ({
			text: `Message ${n + 1} of ${messagesEach}`,
			fromMe: n % 2 === 1,
			from: other,
			timestamp: until - (messagesEach - n) * 60,
		}));
	const direct = Array.from({ length: chats }, (_, n): HistoryChat => {
		const id = person(n + 1);
		names[id] = `Person ${n + 1}`;
		return { id, name: `Contact ${n + 1}`, messages: messages() };
	});
	const shared = Array.from({ length: groups }, (_, n): HistoryChat => {
		const id = `1203630000000${String(n + 1).padStart(5, '0')}@g.us`;
		return { id, name: `Group ${n + 1}`, messages: messages(person(1)) };
	});
	return { chats: [...direct, ...shared], names };
}
