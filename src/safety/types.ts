/**
 * What safety knows and decides. Everything here is plain data: decide() is a pure function of it.
 * Times are milliseconds since the epoch.
 */

/** How a chat stands to this number. */
export type Relation =
	| 'self' // the own number
	| 'answered' // a person who has written to this number
	| 'saved' // in the phone's address book, has not written as far as known
	| 'established' // a chat from before n8n was linked, or somebody who trusts this number
	| 'member' // shares a group, nothing else
	| 'stranger'
	| 'group'
	| 'channel'
	| 'status';

/** Which queue a message stands in; replies go first, and each has pauses of its own. */
export type Line = 'reply' | 'known' | 'new';

/** What is known of one person or group. */
export interface PersonFacts {
	/** When they last wrote; 0 = never. */
	inAt: number;
	/** When this number last wrote to them, from n8n, the phone or anywhere; 0 = never. */
	outAt: number;
	/** When this number wrote to them since they last did, newest last; the last fifty. */
	unanswered: number[];
	/** When this number began the conversation; 0 when it did not (as far as known). */
	begunAt: number;
	/** A chat from before n8n was linked, or a token of trust from them. */
	established: boolean;
	/** Seen in a group that this number is in. */
	member: boolean;
	/** WhatsApp refused a message to them: nothing is sent before this. */
	pausedUntil: number;
	/** How often in a row WhatsApp refused. */
	refusals: number;
	/** Ids of the last messages that were let through, so that a repetition counts once. */
	lastIds: string[];
}

/** How many people got the same content in the last 24 hours. */
export interface TextFacts {
	/** Who, in short, and when last. */
	people: Array<{ who: string; at: number }>;
}

export type CapLevel = 'NONE' | 'FIRST_WARNING' | 'SECOND_WARNING' | 'CAPPED';

/** WhatsApp's own limit of new chats, as it said. */
export interface Cap {
	level: CapLevel;
	/** Messages to new chats allowed in the cycle, and used; null when it did not say. */
	quota: number | null;
	used: number | null;
	cycleEnds: number | null;
	/** When it was said. */
	at: number;
}

/** WhatsApp's reach-out timelock: no new chats for a while. */
export interface Timelock {
	active: boolean;
	until: number | null;
	at: number;
}

/** What is known of the account as a whole. */
export interface AccountFacts {
	/** When n8n was linked. */
	linkedAt: number;
	/** When the connection came back after it was away; 0 = it was not. */
	backAt: number;
	/** The last message of each line, and the dice for the pause after it (0 to 1). */
	last: Record<Line, { at: number; dice: number }>;
	/** Conversations begun in the last 24 hours, oldest first; a member of a shared group counts half. */
	begun: Array<{ at: number; weight: number }>;
	/** Messages to people who have never written, by UTC day (`2026-11-23`), still unanswered. */
	unansweredByDay: Record<string, number>;
	/** Whom WhatsApp refused lately, in short; `reply` when they had written within a day. */
	refused: Array<{ who: string; at: number; reply: boolean }>;
	/** Which number these facts are of, so that another one does not inherit them. */
	number?: string;
	/** Makes fingerprints of texts that are of no use to anybody else. */
	textKey?: string;
	/** What was warned of, and when. */
	told: Record<string, number>;
	/** Several people were refused: no new conversations, or nothing at all, before this. */
	pausedUntil: number;
	allPausedUntil: number;
	cap?: Cap;
	timelock?: Timelock;
}

/** One message that wants to go out. */
export interface Ask {
	chat: 'person' | 'group' | 'channel' | 'status' | 'self';
	/** In the phone's address book. */
	saved: boolean;
	/**
	 * - `message`: something new in the chat;
	 * - `amend`: about a message that is there: reaction, edit, deletion, pin;
	 * - `add`: the person is brought into a group.
	 */
	act: 'message' | 'amend' | 'add';
	/** When other people got the same content, oldest first. */
	sameText: readonly number[];
	/** Whether a guardrail's list of recipients has this one; undefined without such a list. */
	listed?: boolean;
	/** A further message of what was let through already: the pictures of an album, a repetition. */
	continued?: boolean;
	/** It goes in one go with others that were let through just now: it needs no pause of its own. */
	together?: boolean;
	/** Conversations that the others of the same command would begin, in a dry run. */
	ahead?: number;
	/** The node said to go over our own limits. */
	overLimits?: boolean;
	/** Guardrails of credential and node together. */
	onlyReplies?: boolean;
	onlyWroteFirst?: boolean;
}

/** Numbers of a profile; a limit of Infinity is none. */
export interface Limits {
	newPerHour: number;
	newPerDay: number;
	/** Messages to one person who has never written: a stranger, or somebody in the address book. */
	unansweredPerPerson: number;
	unansweredPerContact: number;
	/** Messages in 30 days to people who have never written. */
	unansweredTotal: number;
	/** People who get the same content in 24 hours. */
	sameText: number;
	/** Days after linking until limits for new conversations are whole. */
	warmUpDays: number;
	/** Seconds after a reconnection in which pauses are longer. */
	rampSeconds: number;
	/** Average pause in seconds before a message of each line. */
	pause: Record<Line, number>;
	/** Typing time: characters a second (0 = none), and the longest in seconds. */
	typingSpeed: number;
	typingMost: number;
	/** Share of WhatsApp's own cap that is left unused, 0 to 1. */
	capReserve: number;
	/** Hours for which a person rests whom WhatsApp refused the first time. */
	refusedHours: number;
	/** So many different people refused within a day rest the account. */
	refusedPeople: number;
}

export type ProfileName = 'careful' | 'balanced' | 'off';

export interface SafetySettings {
	profile: ProfileName;
	limits: Limits;
	/** Guardrails of the credential. */
	onlyReplies: boolean;
	recipients: 'anyone' | 'wroteFirst' | 'list';
	list: readonly string[];
}

/** Which rule spoke; stable names, seen in errors, events and reports. */
export type Rule =
	| 'only-replies'
	| 'recipient-not-allowed'
	| 'refused-person'
	| 'refused-account'
	| 'timelock'
	| 'capped'
	| 'cap-reserve'
	| 'new-per-hour'
	| 'new-per-day'
	| 'unanswered-person'
	| 'unanswered-total'
	| 'same-text'
	| 'pause';

/**
 * - `guardrail`: what the owner of the number does not allow; nothing goes over it.
 * - `whatsapp`: what WhatsApp itself has said; nothing goes over it.
 * - `limit`: our own guess of what is safe; the node may choose to go over it.
 * - `pace`: a pause of seconds, always kept.
 */
export type RuleKind = 'guardrail' | 'whatsapp' | 'limit' | 'pace';

export type Decision =
	| { kind: 'go'; line: Line }
	| { kind: 'wait'; line: Line; until: number; rule: Rule; of: RuleKind; because: string }
	| { kind: 'refuse'; line: Line; rule: Rule; of: RuleKind; because: string };

export const HOUR = 60 * 60_000;
export const DAY = 24 * HOUR;
/** Somebody who wrote this lately is being answered. */
export const REPLY_WINDOW = DAY;
/** A group in which somebody wrote this lately is being answered. */
export const GROUP_REPLY_WINDOW = 10 * 60_000;
/** So long a token of trust lasts, with which a restricted number may go on writing (reports: 28 days). */
export const TRUST_WINDOW = 28 * DAY;
/** How long an unanswered message counts; WhatsApp's own limit is by the month. */
export const UNANSWERED_WINDOW = 30 * DAY;

const days = new Map<number, string>();

/** The UTC day of a time, `2026-11-23`. Asked for the same few days with every message. */
export function dayOf(at: number): string {
	const number = Math.floor(at / DAY);
	let day = days.get(number);
	if (day === undefined) {
		day = new Date(at).toISOString().slice(0, 10);
		if (days.size > 1_000) days.clear();
		days.set(number, day);
	}
	return day;
}
