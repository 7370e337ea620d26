/** The fields of events that are not about a message. */
import type { Address, LinkedEvent, NormaliseContext } from './types';

/** `event` about a chat, a person, or (without either) the account itself. */
export async function noticeEvent(
	event: string,
	context: NormaliseContext,
	about: {
		/** What makes it one of its kind; the event's name is put before it. */
		id: string;
		/** Milliseconds since the epoch; now unless given. */
		at?: number;
		chat?: Address[];
		from?: Address[];
		byMe?: boolean;
		messageId?: string | null;
	},
): Promise<LinkedEvent> {
	const { lid, phone } = context.me;
	const chat = about.chat ? await context.chat(...about.chat) : null;
	const direct = chat !== null && /@(lid|s\.whatsapp\.net)$/.test(chat);
	const partner = direct && about.chat ? await context.person(...about.chat) : null;
	const mine = about.byMe === true || (about.from?.some((who) => context.isMe(who)) ?? false);
	const me = mine || direct ? await context.person(lid, phone) : null;
	const from = mine ? me : about.from ? await context.person(...about.from) : null;
	return {
		event,
		id: `${event}:${about.id}`,
		timestamp: new Date(about.at ?? context.now()).toISOString(),
		chat,
		chatName: direct ? (partner?.name ?? partner?.phone ?? null) : await context.chatName(chat),
		isGroup: chat?.endsWith('@g.us') ?? false,
		from,
		fromContact: mine || (await context.isContact(from)),
		fromMe: mine,
		to: direct ? (mine ? partner : me) : null,
		messageId: about.messageId ?? null,
		text: null,
	};
}
