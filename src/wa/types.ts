/**
 * What a message says, as plain flat JSON: the same names in trigger items, in Message > Get and in
 * the history. People appear as addresses (JIDs) here; who knows the LID map turns them into Person.
 * Absent means "this kind has no such thing", null means "WhatsApp did not say".
 */
import type { MessageKind } from './kinds';

export type MediaKind =
	'image' | 'video' | 'gif' | 'ptv' | 'audio' | 'voice' | 'file' | 'sticker' | 'stickerPack';

export interface MediaInfo {
	kind: MediaKind;
	mimeType: string | null;
	/** Bytes of the decrypted file. */
	size: number | null;
	/** Duration of sound and video. */
	seconds: number | null;
	fileName: string | null;
	caption: string | null;
	width: number | null;
	height: number | null;
	/** Whether it can be fetched: address and key are there. It may still have expired. */
	downloadable: boolean;
	viewOnce: boolean;
	/** Stickers and GIFs that move. */
	animated?: boolean;
	/** Pages of a document. */
	pages?: number;
}

/** Another message that this one is about. `id` is WhatsApp's message id. */
export interface MessageRef {
	id: string;
	/** Chat as the sender of this message sees it; null when it is the same chat. */
	chat: string | null;
	/** Who wrote it, in groups; null when not named. */
	from: string | null;
	/**
	 * Whether it was written by the sender of *this* message (the protocol's own point of view).
	 * Baileys turns it round to ours for reactions and poll votes only.
	 */
	fromMe: boolean;
}

export interface Quoted {
	id: string | null;
	/** Who wrote the quoted message. */
	from: string | null;
	/** The chat it comes from when that is another one, for example a status or a group. */
	chat: string | null;
	/** Null when WhatsApp sent only its id. */
	kind: MessageKind | null;
	text: string | null;
	media: MediaInfo | null;
}

export interface LinkPreview {
	url: string | null;
	title: string | null;
	description: string | null;
}

export interface Location {
	latitude: number;
	longitude: number;
	name: string | null;
	address: string | null;
	url: string | null;
	/** Radius in metres. */
	accuracy: number | null;
	/** Metres a second. */
	speed: number | null;
	/** Degrees clockwise from north. */
	heading: number | null;
	live: boolean;
}

export interface ContactPhone {
	/** As written on the card. */
	number: string;
	/** E.164 when WhatsApp knows it (the card's waid), otherwise null. */
	phone: string | null;
	/** `Mobile`, `Work` and so on. */
	label: string | null;
}

export interface ContactCard {
	name: string | null;
	phones: ContactPhone[];
	emails: string[];
	organization: string | null;
}

export interface Poll {
	question: string | null;
	options: string[];
	/** How many may be chosen; 0 means any number. */
	selectable: number;
	/** The right answer of a quiz. */
	correctAnswer?: string;
	/** Votes per option where WhatsApp sends a result. */
	votes?: Array<{ option: string; count: number | null }>;
}

export interface CalendarEvent {
	name: string | null;
	description: string | null;
	/** ISO times. */
	start: string | null;
	end: string | null;
	location: Location | null;
	/** Link to the call of the event. */
	joinLink: string | null;
	cancelled: boolean;
	extraGuestsAllowed: boolean;
}

export interface Choice {
	/** Id of the chosen button or row, as the sender of the buttons set it. */
	id: string | null;
	title: string | null;
	description: string | null;
	/** The JSON text that newer buttons ("native flows") answer with. */
	params: string | null;
}

export interface MessageContent {
	kind: MessageKind;
	/** What a person reads: text, caption, poll question, chosen button, event name; null without. */
	text: string | null;
	media: MediaInfo | null;
	quoted: Quoted | null;
	/** Addresses of the people mentioned. */
	mentions: string[];
	/** @everyone. */
	mentionsAll: boolean;
	forwarded: boolean;
	/** How often it was forwarded on its way; WhatsApp calls it "many times" from 5. */
	forwardingScore: number;
	viewOnce: boolean;
	/** Seconds until it disappears; 0 when it stays. */
	disappearsAfter: number;
	/** The new content of an edited message. */
	edited: boolean;

	/** The message a reaction, edit, deletion, pin, vote, comment or answer is about. */
	target?: MessageRef;
	/** What an edited message now is. */
	newKind?: MessageKind;
	/** The content is encrypted with the secret of the target message. */
	encrypted?: boolean;
	/** The emoji of a reaction; null when it was taken back. */
	reaction?: string | null;
	/** Pinned or kept (true) or let go of (false). */
	pinned?: boolean;
	/** Seconds a pin lasts. */
	pinnedFor?: number | null;
	link?: LinkPreview;
	location?: Location;
	contacts?: ContactCard[];
	poll?: Poll;
	calendarEvent?: CalendarEvent;
	/** How many pictures and videos follow. */
	album?: { images: number; videos: number };
	/** The album, HD original or event that this picture belongs to. */
	parent?: { id: string | null; relation: string };
	choice?: Choice;
	/** What can be chosen in a message with buttons, lists or cards. */
	buttons?: Array<{ id: string | null; title: string | null }>;
	product?: {
		id: string | null;
		title: string | null;
		description: string | null;
		currency: string | null;
		price: number | null;
		seller: string | null;
		url: string | null;
	};
	order?: {
		id: string | null;
		title: string | null;
		items: number | null;
		currency: string | null;
		total: number | null;
		seller: string | null;
	};
	payment?: { currency: string | null; amount: number | null; step: string };
	/** An invitation to a group or channel. */
	invite?: {
		id: string | null;
		name: string | null;
		code: string | null;
		/** ISO time. */
		expires: string | null;
	};
	call?: {
		video: boolean;
		outcome: string | null;
		seconds: number | null;
		/** ISO time of a call that is planned. */
		at: string | null;
		cancelled: boolean;
	};
	/** What a setting changed to. */
	setting?: { name: string; value: string | number | boolean | null };
	stickerPack?: { name: string | null; publisher: string | null; stickers: number };
	/** The advertisement that the chat was started from. */
	ad?: {
		title: string | null;
		body: string | null;
		url: string | null;
		id: string | null;
		clickId: string | null;
	};
	/** The channel that it was forwarded from. */
	channel?: { id: string; name: string | null };
}
