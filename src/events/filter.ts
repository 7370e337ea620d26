/** Which events start a workflow. Pure: settings come in, nothing is read or asked. */
import { userJid } from '../wa/ids';
import { parseRecipient } from '../wa/recipient';
import type { Pattern } from './pattern';
import type { EventDefinition, LinkedEvent, Person } from './types';

export type Place = 'direct' | 'groups' | 'status' | 'channels';

export interface QuietTime {
	/** Minutes since midnight; `to` may be before `from`: over midnight then. */
	from: number;
	to: number;
	/** Days on which it begins, 0 = Sunday; empty = every day. */
	days: readonly number[];
}

export interface EventFilter {
	events: ReadonlySet<string>;
	/** Empty: everywhere. */
	places: ReadonlySet<Place>;
	/** Addresses; empty: all. */
	chats: ReadonlySet<string>;
	people: ReadonlySet<string>;
	/** In small letters; empty: any text. */
	contains: string;
	pattern?: Pattern;
	/** In small letters, e.g. `/help`; empty: any text. */
	commands: readonly string[];
	/** In groups only what mentions this number or replies to it. */
	addressed: boolean;
	/** Leave out what the owner of the number does. */
	ignoreOwn: boolean;
	/** Leave out people who are not in the address book. */
	onlyContacts: boolean;
	/** Only messages with media of these kinds, `none` for those without; empty: all. */
	media: ReadonlySet<string>;
	quiet: readonly QuietTime[];
	/** IANA name, for quiet times. */
	timezone: string;
	/** Older events are left out, milliseconds. */
	maxAgeMs: number;
}

/** Whether an event should start an execution. */
export function wants(
	filter: EventFilter,
	event: LinkedEvent,
	now: number,
	definition: EventDefinition | undefined,
): boolean {
	if (!filter.events.has(event.event)) return false;
	const happened = Date.parse(event.timestamp);
	if (now - happened > filter.maxAgeMs) return false;
	if (filter.ignoreOwn && event.fromMe && !definition?.byOwner) return false;
	return (
		placeFits(filter, event) &&
		peopleFit(filter, event) &&
		(!definition?.hasContent || contentFits(filter, event)) &&
		!isQuiet(filter, happened)
	);
}

/** The kind of chat an event belongs to; undefined for events of the account. */
export function placeOfEvent({ chat, isGroup }: LinkedEvent): Place | undefined {
	if (chat === null) return undefined;
	if (isGroup) return 'groups';
	if (chat === 'status@broadcast') return 'status';
	return chat.endsWith('@newsletter') ? 'channels' : 'direct';
}

function placeFits({ places, chats }: EventFilter, event: LinkedEvent): boolean {
	const place = placeOfEvent(event);
	if (place === undefined) return true;
	if (places.size > 0 && !places.has(place)) return false;
	if (chats.size === 0) return true;
	const partner = place === 'direct' ? (event.fromMe ? event.to : event.from) : null;
	return [event.chat, ...addressesOf(partner)].some((each) => each !== null && chats.has(each));
}

/** The addresses of a person, LID first. */
export function addressesOf(person: Person | null | undefined): string[] {
	if (!person) return [];
	const phone = person.phone ? `${person.phone.slice(1)}@s.whatsapp.net` : null;
	return [person.lid, phone].filter((each) => each !== null);
}

function peopleFit({ people, onlyContacts }: EventFilter, event: LinkedEvent): boolean {
	if (onlyContacts && event.from !== null && !event.fromContact) return false;
	if (people.size === 0) return true;
	const concerned = [event.from, ...concernedBy(event)];
	// Events about nobody (of the account) are not a matter of people.
	if (event.from === null && concerned.length === 1) return true;
	return concerned.some((person) => addressesOf(person).some((each) => people.has(each)));
}

/** People an event is about beside the one who caused it. */
function concernedBy(event: LinkedEvent): Person[] {
	const { participants, participant } = event as { participants?: unknown; participant?: unknown };
	return [...(Array.isArray(participants) ? (participants as Person[]) : []), participant].filter(
		(each): each is Person => typeof each === 'object' && each !== null && 'id' in each,
	);
}

function contentFits(filter: EventFilter, event: LinkedEvent): boolean {
	const text = event.text ?? '';
	if (filter.addressed && event.isGroup && !event.mentionsMe && !event.repliesToMe) return false;
	if (filter.media.size > 0) {
		const { media } = event as { media?: { kind?: unknown } | null };
		if (!filter.media.has(typeof media?.kind === 'string' ? media.kind : 'none')) return false;
	}
	if (filter.contains !== '' && !text.toLowerCase().includes(filter.contains)) return false;
	if (filter.commands.length > 0 && !startsWithCommand(text, filter.commands)) return false;
	return !filter.pattern || (event.text !== null && filter.pattern.matches(text));
}

function startsWithCommand(text: string, commands: readonly string[]): boolean {
	const start = text.trimStart().toLowerCase();
	return commands.some(
		(command) => start.startsWith(command) && /^(\s|$)/.test(start.slice(command.length)),
	);
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const DAY = 24 * 60;

/** Day of the week and minutes since midnight in a time zone. */
function localTime(at: number, timezone: string): { day: number; minute: number } {
	let clock = clocks.get(timezone);
	if (!clock) {
		clock = new Intl.DateTimeFormat('en-US', {
			timeZone: timezone,
			hourCycle: 'h23',
			weekday: 'short',
			hour: '2-digit',
			minute: '2-digit',
		});
		clocks.set(timezone, clock);
	}
	const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]));
	return {
		day: DAYS.indexOf(parts.get('weekday') ?? ''),
		minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
	};
}

function isQuiet({ quiet, timezone }: EventFilter, at: number): boolean {
	if (quiet.length === 0) return false;
	const { day, minute } = localTime(at, timezone);
	return quiet.some(({ from, to, days }) => {
		const begins = (on: number) => days.length === 0 || days.includes(on);
		if (from === to) return begins(day);
		if (from < to) return begins(day) && minute >= from && minute < to;
		// Over midnight: the part after it belongs to the day before.
		return (begins(day) && minute >= from) || (begins((day + 6) % 7) && minute < to);
	});
}

/** Minutes since midnight of `22:00`; undefined for anything else. */
export function parseTime(text: string): number | undefined {
	const match = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/.exec(text.trim());
	if (!match) return /^24[:.]00$/.test(text.trim()) ? DAY : undefined;
	return Number(match[1]) * 60 + Number(match[2]);
}

export type Parsed = { address: string } | { problem: string };

/** The address that events name a chat or person by, from what a user picked or typed. */
export function parseAddress(text: string): Parsed {
	const parsed = parseRecipient(text);
	if (!parsed.ok) return { problem: parsed.detail };
	const { value } = parsed;
	if (value.kind === 'invite' || value.kind === 'channelInvite') {
		return { problem: 'A link cannot be used here: pick the chat from the list or use its ID.' };
	}
	const address = userJid(value.jid);
	return address ? { address } : { problem: 'This is not an address.' };
}
