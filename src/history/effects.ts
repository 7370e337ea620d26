/** What happens, as changes of messages in the history. */
import type { BaileysEventMap, proto, WAMessage } from '@whiskeysockets/baileys';
import type { Baileys } from '../baileys';
import { ANSWERS, answerOf } from '../events/eventAnswered';
import { chatOf } from '../events/messageBase';
import { choiceOf } from '../events/pollVoted';
import { opened } from '../events/sealed';
import type { MessageInput, NormaliseContext } from '../events/types';
import { contentOf } from '../wa/content';
import { edited as editedContent } from '../wa/edited';
import { userJid } from '../wa/ids';
import { count, enumName, num } from '../wa/read';
import { received } from '../wa/received';
import { unwrap } from '../wa/unwrap';
import type { Directory } from './directory';
import type { Item, Who } from './item';
import { keepsChat, type Keeping } from './keeping';
import * as merge from './merge';
import { itemOf, kept, type Place } from './project';

export type Effect =
	| {
			chat: string;
			id: string;
			/** What the message becomes: undefined leaves it, null removes it. Pure. */
			change(before: Item | undefined): Item | undefined | null;
			/** A message that came now, not one of the past. */
			live?: boolean;
	  }
	/** All messages of a chat go. */
	| { drop: string }
	/** Everything goes: it is another number's. */
	| { clear: true }
	/** All messages of a chat belong to another one: the same person's under the LID. */
	| { join: string; to: string };

export interface EffectDeps {
	directory: Pick<Directory, 'canonical' | 'learn' | 'read'>;
	/** Asked when something happens. */
	context(): NormaliseContext;
	baileys: Baileys;
	keeping(): Keeping;
}

export type Happened = Partial<BaileysEventMap>;

/** Whether anything in the history changes by it. */
export const concerns = (happened: Happened): boolean =>
	(
		[
			...(['messaging-history.set', 'messages.upsert', 'messages.update'] as const),
			...(['messages.delete', 'chats.delete', 'message-receipt.update'] as const),
		] as const
	).some((name) => happened[name] !== undefined);

/** One after another, in their order; a history sync is gone through while it is asked for. */
export async function* effectsOf(happened: Happened, deps: EffectDeps): AsyncGenerator<Effect> {
	const { directory } = deps;
	const set = happened['messaging-history.set'];
	if (set) yield* past(set.messages, deps);
	for (const message of happened['messages.upsert']?.messages ?? []) {
		yield* ofMessage(message, deps);
	}
	for (const { key, update } of happened['messages.update'] ?? []) {
		const { id, remoteJid } = key;
		if (!id || !remoteJid) continue;
		const chat = directory.canonical(remoteJid);
		const { status, starred } = update;
		if (typeof starred === 'boolean') {
			yield { chat, id, change: (before) => merge.starred(before, starred) };
		}
		if (typeof status === 'number' && key.fromMe) {
			yield { chat, id, change: (before) => merge.advanced(before, status) };
		} else if (status === READ && !key.fromMe) {
			// Another device of ours has read it.
			directory.read(chat);
		}
	}
	for (const { key, receipt } of happened['message-receipt.update'] ?? []) {
		const isOwn = deps.context().isMe(receipt.userJid);
		if (isOwn && receipt.readTimestamp && key.remoteJid) directory.read(key.remoteJid);
	}
	const gone = happened['messages.delete'];
	if (gone && 'keys' in gone) {
		for (const { id, remoteJid } of gone.keys) {
			if (id && remoteJid) yield { chat: directory.canonical(remoteJid), id, change: () => null };
		}
	} else if (gone) {
		yield { drop: directory.canonical(gone.jid) };
	}
	for (const chat of happened['chats.delete'] ?? []) yield { drop: directory.canonical(chat) };
}

/** WebMessageInfo.Status */
const READ = 4;

/** Messages of a history sync: chats with recent messages first, each chat's oldest message first. */
async function* past(messages: readonly WAMessage[], deps: EffectDeps): AsyncGenerator<Effect> {
	const { directory, keeping } = deps;
	const byChat = new Map<string, { newest: number; messages: WAMessage[] }>();
	for (const message of messages) {
		const chat = directory.canonical(message.key.remoteJid ?? '');
		if (!keepsChat(keeping(), chat, (jid) => directory.canonical(jid))) continue;
		const at = count(message.messageTimestamp) ?? 0;
		const known = byChat.get(chat);
		if (known) {
			known.messages.push(message);
			known.newest = Math.max(known.newest, at);
		} else byChat.set(chat, { newest: at, messages: [message] });
	}
	const chats = [...byChat].sort(([, a], [, b]) => b.newest - a.newest);
	const place = placeOf(deps);
	for (const [chat, found] of chats) {
		// WhatsApp sends the newest first; of the same second, that is what their order says.
		const inOrder = found.messages
			.reverse()
			.map((message) => ({ message, at: count(message.messageTimestamp) ?? 0 }))
			.sort((a, b) => a.at - b.at);
		for (const { message } of inOrder) {
			const { id } = message.key;
			const item = id ? itemOf(message, place) : undefined;
			if (id && item) yield { chat, id, change: (before) => merge.received(before, item) };
			else yield* about(message, chat, deps);
		}
	}
}

async function* ofMessage(message: WAMessage, deps: EffectDeps): AsyncGenerator<Effect> {
	const { directory, keeping } = deps;
	const context = deps.context();
	const { key } = message;
	const forms = await context.addresses(...chatOf(key, context));
	directory.learn(...forms);
	const address = forms[0] ?? userJid(key.remoteJid);
	if (!address) return;
	const chat = directory.canonical(address);
	if (!keepsChat(keeping(), chat, (jid) => directory.canonical(jid))) return;
	if (key.participant) {
		directory.learn(...(await context.addresses(key.participant, key.participantAlt)));
	}
	const { id } = key;
	const item = id ? itemOf(message, placeOf(deps)) : undefined;
	if (!id || !item) {
		yield* about(message, chat, deps);
		return;
	}
	// One without a time came now.
	if (item.at === 0) Object.assign(item, { at: context.now(), expiresAt: undefined });
	yield { chat, id, live: true, change: (before) => merge.received(before, item) };
}

/** A message about another one. */
async function* about(message: WAMessage, chat: string, deps: EffectDeps): AsyncGenerator<Effect> {
	const { directory, baileys } = deps;
	const context = deps.context();
	const { key } = message;
	const content = received(message);
	const { kind } = content;
	const id = content.target?.id;
	if (!id) return;
	const fromMe = key.fromMe === true || context.isMe(key.participant);
	const from = key.participant && !fromMe ? directory.canonical(key.participant) : undefined;
	const who: Who = fromMe ? '' : (from ?? chat);
	const at = (count(message.messageTimestamp) ?? 0) * 1_000 || context.now();
	const inner = unwrap(message.message).message;
	const input = (): MessageInput => ({ message, content, type: 'notify' });
	switch (kind) {
		case 'reaction': {
			const { reactionMessage } = unwrap((await opened(message, context)).message).message;
			if (!reactionMessage) return;
			const time = num(reactionMessage.senderTimestampMs) || at;
			const emoji = reactionMessage.text ?? '';
			yield { chat, id, change: (before) => merge.reacted(before, who, emoji, time) };
			return;
		}
		case 'delete':
			yield {
				chat,
				id,
				change: (before) => merge.deleted(before, { at, actor: { fromMe, from } }),
			};
			return;
		case 'edit': {
			const edit = unwrap((await opened(message, context)).message).message.protocolMessage;
			const after = edit?.editedMessage;
			if (!after) return;
			const time = num(edit.timestampMs) || at;
			const actor = { fromMe, from };
			const place = placeOf(deps);
			yield {
				chat,
				id,
				change(before) {
					const now = withEdit(before, after, baileys);
					const what = contentOf(now);
					return merge.edited(before, {
						at: time,
						kind: what.kind,
						...kept(now, what, place),
						actor,
					});
				},
			};
			return;
		}
		case 'keep':
			yield { chat, id, change: (before) => merge.held(before, content.pinned === true) };
			return;
		case 'pollVote': {
			const vote = await choiceOf(input(), context);
			if (!vote) return;
			const time = num(inner.pollUpdateMessage?.senderTimestampMs) || at;
			yield { chat, id, change: (before) => merge.voted(before, who, vote.options, time) };
			return;
		}
		case 'eventResponse': {
			const answer = await answerOf(input(), context);
			const said = answer && enumName(ANSWERS, answer.response.response);
			if (!said) return;
			const time = num(answer.response.timestampMs) || at;
			yield { chat, id, change: (before) => merge.voted(before, who, [said], time) };
			return;
		}
		default:
	}
}

/** The new content; what an edit leaves out of a file stays as it was. */
function withEdit(
	before: Item | undefined,
	after: proto.IMessage,
	{ proto: { Message } }: Baileys,
): proto.IMessage {
	const old = before?.content && Message.decode(before.content);
	return old ? editedContent(old, after) : after;
}

export function placeOf({ directory, context, baileys, keeping }: EffectDeps): Place {
	return {
		canonical: (address) => directory.canonical(address),
		isMe: (address) => context().isMe(address),
		media: keeping().media === 'details',
		encode: (message) => baileys.proto.Message.encode(message).finish(),
	};
}
