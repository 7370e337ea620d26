import { findEvent } from '../../src/events';
import {
	parseAddress,
	parseTime,
	placeOfEvent,
	wants,
	type EventFilter,
} from '../../src/events/filter';
import { compilePattern } from '../../src/events/pattern';
import type { LinkedEvent, Person } from '../../src/events';

const NOW = Date.UTC(2026, 10, 23, 12, 0);
const HOUR = 3_600_000;

const anna: Person = {
	id: '200000000000101@lid',
	lid: '200000000000101@lid',
	phone: '+15550100101',
	name: 'Anna',
	username: null,
};
const ben: Person = { ...anna, id: '2@lid', lid: '2@lid', phone: null, name: 'Ben' };
const me: Person = { ...anna, id: '1@lid', lid: '1@lid', phone: '+15550100100', name: 'Me' };

const message = (more: Partial<LinkedEvent> = {}): LinkedEvent => ({
	event: 'message.received',
	id: 'x',
	timestamp: new Date(NOW).toISOString(),
	chat: anna.lid,
	chatName: 'Anna',
	isGroup: false,
	from: anna,
	fromContact: true,
	fromMe: false,
	to: me,
	messageId: 'ID',
	text: 'Hello there',
	media: null,
	mentionsMe: false,
	repliesToMe: false,
	...more,
});
const inGroup = (more: Partial<LinkedEvent> = {}) =>
	message({ chat: '1@g.us', isGroup: true, to: null, ...more });

const ALL = ['message.received', 'message.sent', 'reaction.added', 'account.connected'].concat(
	'group.participantsAdded',
);

const filter = (more: Partial<EventFilter> = {}): EventFilter => ({
	events: new Set(ALL),
	places: new Set(),
	chats: new Set(),
	people: new Set(),
	contains: '',
	commands: [],
	addressed: false,
	ignoreOwn: true,
	onlyContacts: false,
	media: new Set(),
	quiet: [],
	timezone: 'UTC',
	maxAgeMs: 24 * HOUR,
	...more,
});

const passes = (more: Partial<EventFilter>, event: LinkedEvent) =>
	wants(filter(more), event, NOW, findEvent(event.event));

test('only chosen events, and none older than the catch-up age', () => {
	expect(passes({}, message())).toBe(true);
	expect(passes({ events: new Set(['message.sent']) }, message())).toBe(false);
	const old = message({ timestamp: new Date(NOW - 25 * HOUR).toISOString() });
	expect(passes({}, old)).toBe(false);
	expect(passes({ maxAgeMs: 26 * HOUR }, old)).toBe(true);
});

test('the kind of chat', () => {
	expect(passes({ places: new Set(['direct']) }, message())).toBe(true);
	expect(passes({ places: new Set(['direct']) }, inGroup())).toBe(false);
	expect(passes({ places: new Set(['groups', 'status']) }, inGroup())).toBe(true);
	expect(placeOfEvent(message({ chat: 'status@broadcast' }))).toBe('status');
	expect(placeOfEvent(message({ chat: '1@newsletter' }))).toBe('channels');
});

test('a chat is found by LID and by phone number, whoever wrote', () => {
	const byPhone = new Set(['15550100101@s.whatsapp.net']);
	expect(passes({ chats: byPhone }, message())).toBe(true);
	expect(passes({ chats: new Set(['200000000000101@lid']) }, message())).toBe(true);
	const sent = message({ event: 'message.sent', from: me, fromMe: true, to: anna });
	expect(passes({ chats: byPhone }, sent)).toBe(true);
	expect(passes({ chats: byPhone }, message({ chat: ben.lid, from: ben }))).toBe(false);
	// Somebody's own chat is not every group they write in.
	expect(passes({ chats: byPhone }, inGroup())).toBe(false);
	expect(passes({ chats: new Set(['1@g.us']) }, inGroup())).toBe(true);
});

test('people are found in groups, and where they are concerned', () => {
	const people = new Set(['15550100101@s.whatsapp.net']);
	expect(passes({ people }, inGroup())).toBe(true);
	expect(passes({ people }, inGroup({ from: ben }))).toBe(false);
	const added = inGroup({ event: 'group.participantsAdded', from: ben, participants: [anna] });
	expect(passes({ people }, added)).toBe(true);
});

test('strangers can be left out', () => {
	expect(passes({ onlyContacts: true }, message())).toBe(true);
	expect(passes({ onlyContacts: true }, message({ fromContact: false }))).toBe(false);
});

test('what the owner does is left out, but for events that are about nothing else', () => {
	const own = message({ event: 'reaction.added', from: me, fromMe: true });
	expect(passes({}, own)).toBe(false);
	expect(passes({ ignoreOwn: false }, own)).toBe(true);
	expect(passes({}, { ...own, event: 'message.sent' })).toBe(true);
});

test('in groups only what mentions me or replies to me', () => {
	expect(passes({ addressed: true }, inGroup())).toBe(false);
	expect(passes({ addressed: true }, inGroup({ mentionsMe: true }))).toBe(true);
	expect(passes({ addressed: true }, inGroup({ repliesToMe: true }))).toBe(true);
	expect(passes({ addressed: true }, message())).toBe(true);
});

test('text: contains, pattern and command', () => {
	expect(passes({ contains: 'hello' }, message())).toBe(true);
	expect(passes({ contains: 'invoice' }, message())).toBe(false);
	expect(passes({ pattern: compilePattern('^hello') }, message())).toBe(false);
	expect(passes({ pattern: compilePattern('/^hello/i') }, message())).toBe(true);
	const commands = ['/help', '/stop'];
	expect(passes({ commands }, message({ text: ' /HELP me' }))).toBe(true);
	expect(passes({ commands }, message({ text: '/stop' }))).toBe(true);
	expect(passes({ commands }, message({ text: '/helpme' }))).toBe(false);
	expect(passes({ commands }, message({ text: null }))).toBe(false);
});

test('media kinds', () => {
	const image = message({ media: { kind: 'image' } });
	expect(passes({ media: new Set(['image']) }, image)).toBe(true);
	expect(passes({ media: new Set(['voice']) }, image)).toBe(false);
	expect(passes({ media: new Set(['none']) }, message())).toBe(true);
	expect(passes({ media: new Set(['none']) }, image)).toBe(false);
});

test('filters about content and chats leave events alone that have neither', () => {
	const connected = message({ event: 'account.connected', chat: null, from: null, text: null });
	const narrow = {
		contains: 'hello',
		media: new Set(['image']),
		chats: new Set(['1@g.us']),
		people: new Set(['1@lid']),
		places: new Set(['direct'] as const),
		onlyContacts: true,
	};
	expect(passes(narrow, connected)).toBe(true);
});

describe('quiet times', () => {
	const at = (hour: number, minute = 0, day = 23) =>
		message({ timestamp: new Date(Date.UTC(2026, 10, day, hour, minute)).toISOString() });
	const quiet = (from: string, to: string, days: number[] = [], timezone = 'UTC') => ({
		quiet: [{ from: parseTime(from) ?? -1, to: parseTime(to) ?? -1, days }],
		timezone,
		maxAgeMs: Infinity,
	});

	test('within a day and over midnight', () => {
		expect(passes(quiet('12:00', '13:00'), at(12, 30))).toBe(false);
		expect(passes(quiet('12:00', '13:00'), at(13))).toBe(true);
		expect(passes(quiet('22:00', '07:00'), at(23))).toBe(false);
		expect(passes(quiet('22:00', '07:00'), at(6, 59))).toBe(false);
		expect(passes(quiet('22:00', '07:00'), at(7))).toBe(true);
	});

	test('on some days: the night belongs to the day on which it begins', () => {
		// 2026-11-23 is a Monday.
		expect(passes(quiet('22:00', '07:00', [1]), at(23, 0, 23))).toBe(false);
		expect(passes(quiet('22:00', '07:00', [1]), at(6, 0, 24))).toBe(false);
		expect(passes(quiet('22:00', '07:00', [1]), at(6, 0, 23))).toBe(true);
	});

	test('in the time zone of the workflow', () => {
		expect(passes(quiet('22:00', '07:00', [], 'Asia/Tokyo'), at(14))).toBe(false);
		expect(passes(quiet('22:00', '07:00', [], 'UTC'), at(14))).toBe(true);
	});

	test.each([
		['7:05', 425],
		['23.30', 1_410],
		['24:00', 1_440],
		['25:00', undefined],
		['noon', undefined],
	])('%s', (text, minutes) => expect(parseTime(text)).toBe(minutes));
});

test('a pattern that takes for ever counts as no match and does not hold up n8n', () => {
	const evil = compilePattern('(a+)+$');
	expect(evil.matches(`${'a'.repeat(40)}!`)).toBe(false);
	expect(evil.slow).toBe(1);
	expect(evil.matches('aaa')).toBe(true);
});

test('a pattern that is tested again gives the same answer', () => {
	const pattern = compilePattern('/a/g');
	expect([pattern.matches('a'), pattern.matches('a')]).toEqual([true, true]);
});

test('addresses as people type them', () => {
	expect(parseAddress('+1 555 010 0101')).toEqual({ address: '15550100101@s.whatsapp.net' });
	expect(parseAddress('120363000000000001@g.us')).toEqual({
		address: '120363000000000001@g.us',
	});
	expect(parseAddress('Anna')).toHaveProperty('problem');
	expect(parseAddress('https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv')).toHaveProperty(
		'problem',
	);
});
