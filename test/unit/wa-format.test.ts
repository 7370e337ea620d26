import { createHash, randomBytes } from 'node:crypto';

import fc from 'fast-check';
import type { proto as Proto } from '@whiskeysockets/baileys';

import { contentOf } from '../../src/wa/content';
import {
	checkReaction,
	checkText,
	contactsMessage,
	eventMessage,
	liveLocationMessage,
	locationMessage,
	pollMessage,
	type NewEvent,
	type NewPoll,
} from '../../src/wa/format';
import type { Result } from '../../src/wa/result';

let proto: typeof Proto;

beforeAll(async () => {
	({ proto } = await import('@whiskeysockets/baileys'));
});

/** What the receiver decodes. */
const received = (result: Result<Proto.IMessage>): Proto.Message => {
	if (!result.ok) throw new Error(result.detail);
	return proto.Message.decode(proto.Message.encode(result.value).finish());
};

const problem = (detail: RegExp, code = 'bad-parameter') => ({
	ok: false,
	code,
	detail: expect.stringMatching(detail),
});

const secret = randomBytes(32);

describe('text', () => {
	it('is kept as it is, and refused when empty or too long', () => {
		expect(checkText(' *hi* \n')).toEqual({ ok: true, value: ' *hi* \n' });
		expect(checkText(' \n\t')).toEqual(problem(/spaces/, 'empty-text'));
		expect(checkText('x'.repeat(65_536)).ok).toBe(true);
		expect(checkText('x'.repeat(65_537))).toEqual(problem(/65537 characters/, 'text-too-long'));
	});
});

describe('reaction', () => {
	it.each(['👍', '❤️', '❤', '👍🏽', '👨‍👩‍👧‍👦', '🇩🇪', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', ' 😂 '])('%s is one', (emoji) => {
		expect(checkReaction(emoji)).toEqual({ ok: true, value: emoji.trim() });
	});

	it('may be empty, to take it back', () => {
		expect(checkReaction('')).toEqual({ ok: true, value: '' });
	});

	it.each([
		['like', /not a text/],
		['a', /not a text/],
		['1', /not a text/],
		['👍👍', /exactly one/],
		['👍 ok', /not a text/],
	])('%s is none', (text, detail) => {
		expect(checkReaction(text)).toEqual(problem(detail));
	});
});

describe('contacts', () => {
	const ada = { name: 'Ada', phones: [{ phone: '+1 555 010 0123', label: 'Work' }] };

	it('one is a contact, several are a list, each with the number WhatsApp needs', () => {
		const one = received(contactsMessage([ada]));
		expect(one.contactMessage).toMatchObject({ displayName: 'Ada' });
		expect(one.contactMessage?.vcard).toContain('TEL;waid=15550100123:+15550100123');
		expect(contentOf(one)).toMatchObject({
			kind: 'contact',
			contacts: [
				{
					name: 'Ada',
					phones: [{ number: '+15550100123', phone: '+15550100123', label: 'Work' }],
				},
			],
		});
		const two = received(contactsMessage([ada, { ...ada, name: 'Bob' }]));
		expect(contentOf(two).contacts?.map(({ name }) => name)).toEqual(['Ada', 'Bob']);
	});

	it.each([
		[[], /No contact is given/, 'bad-parameter'],
		[[{ name: ' ', phones: [] }], /no name/, 'bad-parameter'],
		[[{ name: 'Ada', phones: [] }], /"Ada" has no phone number/, 'bad-parameter'],
		[[{ name: 'Ada', phones: [{ phone: '0123' }] }], /Phone 1.*"Ada".*country code/, 'bad-phone'],
	])('%j', (contacts, detail, code) => {
		expect(contactsMessage(contacts)).toEqual(problem(detail, code));
	});
});

describe('location', () => {
	it('arrives with name and address', () => {
		const place = { latitude: 52.5163, longitude: 13.3777, name: 'Gate', address: 'Square 1' };
		expect(contentOf(received(locationMessage(place))).location).toMatchObject(place);
		expect(contentOf(received(locationMessage({ latitude: 0, longitude: 0 })))).toMatchObject({
			kind: 'location',
			location: { latitude: 0, longitude: 0 },
		});
	});

	it.each([
		[{ latitude: 90.1, longitude: 0 }, /latitude/],
		[{ latitude: NaN, longitude: 0 }, /latitude/],
		[{ latitude: 0, longitude: -180.5 }, /longitude/],
		[{ latitude: 0, longitude: Infinity }, /longitude/],
	])('%j is refused', (place, detail) => {
		expect(locationMessage(place)).toEqual(problem(detail));
		expect(liveLocationMessage(place)).toEqual(problem(detail));
	});

	it('arrives live', () => {
		const place = {
			latitude: 1,
			longitude: 2,
			accuracy: 5,
			speed: 1.5,
			heading: 90,
			caption: 'here',
		};
		expect(contentOf(received(liveLocationMessage(place)))).toMatchObject({
			kind: 'liveLocation',
			text: 'here',
			location: { live: true, accuracy: 5, speed: 1.5, heading: 90 },
		});
		expect(liveLocationMessage({ ...place, heading: 361 })).toEqual(problem(/heading/));
		expect(liveLocationMessage({ ...place, speed: -1 })).toEqual(problem(/speed/));
		expect(liveLocationMessage({ ...place, accuracy: NaN })).toEqual(problem(/accuracy/));
	});
});

describe('poll', () => {
	const poll: NewPoll = { question: 'Lunch?', options: ['A', 'B', 'C'], selectable: 1 };
	const many = (count: number) => Array.from({ length: count }, (_none, index) => `o${index}`);

	it.each([
		[1, false, 'pollCreationMessageV3'],
		[0, false, 'pollCreationMessage'],
		[2, false, 'pollCreationMessage'],
		[1, true, 'pollCreationMessageV2'],
	])('selectable %d, announcement %p uses %s', (selectable, announcement, field) => {
		const message = received(pollMessage({ ...poll, selectable, announcement }, secret));
		expect(Object.keys(message).sort()).toEqual(['messageContextInfo', field].sort());
		expect(Buffer.from(message.messageContextInfo?.messageSecret ?? [])).toEqual(secret);
		expect(contentOf(message)).toMatchObject({
			kind: 'poll',
			poll: { question: 'Lunch?', options: ['A', 'B', 'C'], selectable },
		});
	});

	it('allows 2 to 12 options', () => {
		expect(pollMessage({ ...poll, options: many(12) }, secret).ok).toBe(true);
		expect(pollMessage({ ...poll, options: many(2) }, secret).ok).toBe(true);
		expect(pollMessage({ ...poll, options: many(13) }, secret)).toEqual(problem(/at most 12.*13/));
		expect(pollMessage({ ...poll, options: many(1) }, secret)).toEqual(problem(/at least 2.*1/));
		expect(pollMessage({ ...poll, options: [] }, secret)).toEqual(problem(/at least 2.*0/));
	});

	it.each<[Partial<NewPoll>, RegExp]>([
		[{ question: ' ' }, /no question/],
		[{ question: 'x'.repeat(256) }, /question.*256 characters.*255/],
		[{ options: ['A', ''] }, /Option 2.*empty/],
		[{ options: ['A', 'x'.repeat(101)] }, /Option 2.*101 characters.*100/],
		[{ options: ['A', 'B', ' A '] }, /Options 1 and 3.*same/],
		[{ selectable: 4 }, /0 \(any\) to 3/],
		[{ selectable: -1 }, /0 \(any\) to 3/],
		[{ selectable: 1.5 }, /0 \(any\) to 3/],
	])('%j is refused', (change, detail) => {
		expect(pollMessage({ ...poll, ...change }, secret)).toEqual(problem(detail));
	});

	it('has options whose hashes, which votes name, all differ', () => {
		fc.assert(
			fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 14 }), (options) => {
				const made = pollMessage({ ...poll, options, selectable: 0 }, secret);
				if (!made.ok) return;
				const names = contentOf(made.value).poll?.options ?? [];
				const hashes = names.map((name) => createHash('sha256').update(name).digest('hex'));
				expect(new Set(hashes).size).toBe(options.length);
			}),
		);
	});
});

describe('event', () => {
	const event: NewEvent = { name: 'Party', start: new Date('2030-01-01T20:00:00Z') };

	it('arrives with all it has', () => {
		const message = received(
			eventMessage(
				{
					...event,
					description: 'Bring cake',
					end: new Date('2030-01-01T23:00:00Z'),
					place: { latitude: 1, longitude: 2, name: 'Home' },
					joinLink: 'https://call.whatsapp.com/video/abc',
					extraGuestsAllowed: true,
				},
				secret,
			),
		);
		expect(contentOf(message)).toMatchObject({
			kind: 'event',
			text: 'Party',
			calendarEvent: {
				name: 'Party',
				description: 'Bring cake',
				start: '2030-01-01T20:00:00.000Z',
				end: '2030-01-01T23:00:00.000Z',
				location: { latitude: 1, longitude: 2, name: 'Home' },
				joinLink: 'https://call.whatsapp.com/video/abc',
				extraGuestsAllowed: true,
				cancelled: false,
			},
		});
		expect(Buffer.from(message.messageContextInfo?.messageSecret ?? [])).toEqual(secret);
	});

	it('may have a place with a name only', () => {
		const message = received(eventMessage({ ...event, place: { name: 'Home' } }, secret));
		expect(message.eventMessage?.location?.name).toBe('Home');
	});

	it.each<[Partial<NewEvent>, RegExp]>([
		[{ name: '' }, /no name/],
		[{ name: 'x'.repeat(101) }, /name.*101/],
		[{ description: 'x'.repeat(2049) }, /description.*2049/],
		[{ start: new Date('never') }, /start.*not a date/],
		[{ end: new Date('never') }, /end.*not a date/],
		[{ end: event.start }, /ends before/],
		[{ place: { latitude: 100, longitude: 0 } }, /latitude/],
		[{ place: { latitude: 1 } }, /longitude/],
		[{ joinLink: 'https://example.com' }, /call link/],
	])('%j is refused', (change, detail) => {
		expect(eventMessage({ ...event, ...change }, secret)).toEqual(problem(detail));
	});
});
