/** The fields that all events about messages share. */
import type { LinkedEvent, MessageInput, NormaliseContext } from './types';

/** Seconds, as Baileys gives them: number, Long-like or missing. */
function seconds(value: unknown): number | undefined {
	if (typeof value === 'number') return value;
	if (value && typeof value === 'object' && 'toNumber' in value) {
		return (value.toNumber as () => number)();
	}
	return typeof value === 'string' && value !== '' ? Number(value) : undefined;
}

/** `event` about one message. `id` is the same however the message reaches us. */
export async function messageEvent(
	event: string,
	{ message, content, type }: MessageInput,
	context: NormaliseContext,
): Promise<LinkedEvent> {
	const { key } = message;
	const chat = await context.chat(key.remoteJid, key.remoteJidAlt);
	const isGroup = chat?.endsWith('@g.us') ?? false;
	const fromMe = key.fromMe === true;
	const sender = key.participant
		? await context.person(key.participant, key.participantAlt)
		: fromMe
			? null
			: await context.person(key.remoteJid, key.remoteJidAlt);
	const from = fromMe ? await context.person(context.me.lid, context.me.phone) : sender;
	if (from && !fromMe && message.pushName && !from.name) from.name = message.pushName;
	const at = seconds(message.messageTimestamp);
	return {
		event,
		id: [event, chat, key.id, fromMe ? 'me' : from?.id].join(':'),
		timestamp: new Date(at === undefined ? context.now() : at * 1_000).toISOString(),
		chat,
		chatName: isGroup ? await context.chatName(chat) : (from?.name ?? null),
		isGroup,
		from,
		fromMe,
		messageId: key.id ?? null,
		text: content.text,
		kind: content.kind,
		media: content.media,
		quoted: content.quoted,
		mentions: content.mentions,
		mentionsMe: content.mentions.some((jid) => jid === context.me.lid || jid === context.me.phone),
		offline: type === 'append',
	};
}
