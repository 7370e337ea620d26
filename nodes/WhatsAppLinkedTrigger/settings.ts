/** The one reader of the trigger's parameters. */
import type { IExecuteFunctions, ITriggerFunctions } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import {
	compilePattern,
	findEvent,
	parseAddress,
	parseTime,
	wants,
	type EventFilter,
	type LinkedEvent,
	type Pattern,
	type Place,
	type QuietTime,
} from '../../src/events';
import { runtime } from '../../src/runtime';

export interface TriggerSettings {
	filter: EventFilter;
	/** Where the next event of a chat waits: for the start or the end of the one before. */
	next: 'start' | 'end';
	rerun: boolean;
	maxInFlight: number;
	/** Events of one chat within this time start one execution together; 0 = each its own. */
	batchMs: number;
	/** Which files to put into the item's binary data; undefined = none. */
	download?: { kinds: ReadonlySet<string>; maxBytes: number; field: string };
	markRead: boolean;
	typing: boolean;
	raw: boolean;
}

type Fields = Record<string, unknown>;

const HOUR_MS = 60 * 60_000;
/** Clocks differ, and what has just happened is never too old. */
const GRACE_MS = 2 * 60_000;
const MEGABYTE = 1024 * 1024;
const PLACES: readonly Place[] = ['direct', 'groups', 'status', 'channels'];

/** @throws LinkedError `bad-parameter` that names the field. */
export function readSettings(context: ITriggerFunctions | IExecuteFunctions): TriggerSettings {
	const get = (name: string, fallback: unknown): unknown =>
		'emit' in context
			? context.getNodeParameter(name, fallback)
			: (context as IExecuteFunctions).getNodeParameter(name, 0, fallback);
	const filters = get('filters', {}) as Fields;
	const options = get('options', {}) as Fields;
	return {
		filter: readFilter(list(get('events', ['message.received'])), filters, options, context),
		next: options.next === 'end' ? 'end' : 'start',
		rerun: options.rerun !== false,
		maxInFlight: number(options.maxInFlight, 10, 1, 100),
		batchMs: number(options.batchSeconds, 0, 0, 3_600) * 1_000,
		download: readDownload(options),
		markRead: options.markRead === true,
		typing: options.typing === true,
		raw: options.raw === true,
	};
}

/** Whether an event should start an execution. Pure. */
export function fits({ filter }: TriggerSettings, event: LinkedEvent, now: number): boolean {
	return wants(filter, event, now, findEvent(event.event));
}

/** The same for an example in the editor: it may be old, and it may be night. */
export function fitsAsExample({ filter }: TriggerSettings, event: LinkedEvent): boolean {
	const patient = { ...filter, maxAgeMs: Number.POSITIVE_INFINITY, quiet: [] };
	return wants(patient, event, 0, findEvent(event.event));
}

/** What the owner of the number has to be asked for, for these settings. */
export function interestOf({ filter }: TriggerSettings) {
	const events = [...filter.events].filter((name) => findEvent(name)?.onDemand);
	if (events.length === 0) return undefined;
	// To ask for somebody's presence is to be seen by WhatsApp as looking at them.
	const watched = events.includes('presence.changed') ? [...filter.chats, ...filter.people] : [];
	return { events, presence: watched };
}

function readFilter(
	events: string[],
	filters: Fields,
	options: Fields,
	context: ITriggerFunctions | IExecuteFunctions,
): EventFilter {
	return {
		events: new Set(events),
		places: new Set(list(filters.places).filter((each): each is Place => isPlace(each))),
		chats: addresses('Chats', filters.chats),
		people: addresses('People', filters.people),
		contains: text(filters.contains).trim().toLowerCase(),
		pattern: readPattern(text(filters.pattern)),
		commands: text(filters.commands)
			.split(',')
			.map((command) => command.trim().toLowerCase())
			.filter((command) => command !== ''),
		addressed: filters.addressed === true,
		ignoreOwn: filters.ignoreOwn !== false,
		onlyContacts: filters.onlyContacts === true,
		media: new Set(list(filters.media)),
		quiet: readQuiet(filters.quiet),
		timezone: context.getTimezone(),
		maxAgeMs: number(options.catchUpHours, 24, 0, 24 * 30) * HOUR_MS + GRACE_MS,
	};
}

const isPlace = (value: string): value is Place => (PLACES as readonly string[]).includes(value);

const bad = (field: string, problem: string) =>
	new LinkedError('bad-parameter', { detail: `${field}: ${problem}`, data: { field } });

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function number(value: unknown, fallback: number, least: number, most: number): number {
	const given = value === '' || value === undefined ? fallback : Number(value);
	return Number.isFinite(given) ? Math.min(most, Math.max(least, given)) : fallback;
}

/** The rows of a field that can be added several times. */
function rows(value: unknown): Fields[] {
	const { values } = (value ?? {}) as { values?: unknown };
	return Array.isArray(values) ? (values as Fields[]) : [];
}

/** What a resource locator holds, picked or typed; several may be typed with commas. */
function addresses(field: string, value: unknown): ReadonlySet<string> {
	const found = new Set<string>();
	for (const { chat } of rows(value)) {
		const given: unknown = chat && typeof chat === 'object' ? (chat as Fields).value : chat;
		for (const each of text(given).split(',')) {
			if (each.trim() === '') continue;
			const parsed = parseAddress(each);
			if ('problem' in parsed) throw bad(field, `${each.trim()}: ${parsed.problem}`);
			found.add(parsed.address);
		}
	}
	return found;
}

function readPattern(source: string): Pattern | undefined {
	if (source.trim() === '') return undefined;
	try {
		return compilePattern(source, () => {
			runtime().log.warn('Text Matches took too long for a message, which was left out');
		});
	} catch (error) {
		throw bad('Text Matches', error instanceof Error ? `${error.message}.` : 'it cannot be read.');
	}
}

function readQuiet(value: unknown): QuietTime[] {
	return rows(value).map(({ from, to, days }) => {
		const [begin, end] = [parseTime(text(from)), parseTime(text(to))];
		if (begin === undefined || end === undefined) {
			throw bad('Quiet Times', 'write times like 22:00 and 07:30.');
		}
		return { from: begin, to: end, days: list(days).map(Number) };
	});
}

function readDownload(options: Fields): TriggerSettings['download'] {
	if (options.download !== true) return undefined;
	const maxBytes = number(options.downloadMaxMegabytes, 20, 0.001, 2_048) * MEGABYTE;
	const field = text(options.binaryPropertyName).trim() || 'data';
	return { kinds: new Set(list(options.downloadKinds)), maxBytes, field };
}
