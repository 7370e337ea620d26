/** What decide() promises, whatever is known: properties, then the cases that users meet. */
import fc from 'fast-check';
import { decide } from '../../src/safety/decide';
import { BALANCED, CAREFUL, OFF, PROFILES } from '../../src/safety/profiles';
import { hear, noAccount, refuse, take } from '../../src/safety/record';
import { noFacts } from '../../src/safety/relation';
import {
	DAY,
	HOUR,
	type AccountFacts,
	type Ask,
	type Cap,
	type Limits,
	type PersonFacts,
} from '../../src/safety/types';

const NOW = Date.UTC(2026, 10, 23, 9, 30);

const ask = (more: Partial<Ask> = {}): Ask => ({
	chat: 'person',
	saved: false,
	act: 'message',
	sameText: [],
	...more,
});
const person = (more: Partial<PersonFacts> = {}): PersonFacts => ({ ...noFacts(), ...more });
/** Linked long ago. */
const account = (more: Partial<AccountFacts> = {}): AccountFacts => ({
	...noAccount(NOW - 100 * DAY),
	...more,
});
const say = (
	asked: Partial<Ask>,
	known: Partial<PersonFacts>,
	whole: Partial<AccountFacts> = {},
	limits: Limits = CAREFUL,
	now = NOW,
) => decide(ask(asked), person(known), account(whole), { limits }, now);

// Anything that may be known

const past = (days: number) => fc.integer({ min: NOW - days * DAY, max: NOW });
const never = (arbitrary: fc.Arbitrary<number>) =>
	fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 2, arbitrary });
const future = never(fc.integer({ min: NOW - DAY, max: NOW + 3 * DAY }));
const sorted = (times: number[]) => [...times].sort((a, b) => a - b);

const someAsk: fc.Arbitrary<Ask> = fc.record({
	chat: fc.constantFrom('person', 'person', 'person', 'group', 'channel', 'status', 'self'),
	saved: fc.boolean(),
	act: fc.constantFrom('message', 'message', 'amend', 'add'),
	sameText: fc.array(past(2), { maxLength: 80 }).map(sorted),
	listed: fc.constantFrom(undefined, undefined, true, false),
	continued: fc.boolean(),
	overLimits: fc.boolean(),
	onlyReplies: fc.boolean(),
	onlyWroteFirst: fc.boolean(),
});
const somePerson: fc.Arbitrary<PersonFacts> = fc.record({
	inAt: never(past(60)),
	outAt: never(past(60)),
	unanswered: fc.array(past(40), { maxLength: 12 }).map(sorted),
	begunAt: never(past(40)),
	established: fc.boolean(),
	member: fc.boolean(),
	pausedUntil: future,
	refusals: fc.nat(4),
	lastIds: fc.constant([]),
});
const someCap: fc.Arbitrary<Cap> = fc.record({
	level: fc.constantFrom('NONE', 'FIRST_WARNING', 'SECOND_WARNING', 'CAPPED'),
	quota: fc.option(fc.nat(1_000)),
	used: fc.option(fc.nat(1_000)),
	cycleEnds: fc.option(fc.integer({ min: NOW - DAY, max: NOW + 20 * DAY })),
	at: past(2),
});
const moment = fc.record({
	at: never(past(0.01)),
	dice: fc.double({ min: 0, max: 1, noNaN: true }),
});
const someAccount: fc.Arbitrary<AccountFacts> = fc.record(
	{
		linkedAt: past(30),
		backAt: never(past(0.01)),
		last: fc.record({ reply: moment, known: moment, new: moment }),
		begun: fc
			.array(fc.record({ at: past(2), weight: fc.constantFrom(0.5, 1) }), { maxLength: 40 })
			.map((all) => [...all].sort((a, b) => a.at - b.at)),
		unansweredByDay: fc.dictionary(
			past(40).map((at) => new Date(at).toISOString().slice(0, 10)),
			// A day without any is not kept.
			fc.integer({ min: 1, max: 50 }),
			{ maxKeys: 20 },
		),
		refused: fc.constant([]),
		told: fc.constant({}),
		pausedUntil: future,
		allPausedUntil: future,
		cap: someCap,
		timelock: fc.record({ active: fc.boolean(), until: fc.option(future), at: past(0.1) }),
	},
	{
		requiredKeys: [
			...(['linkedAt', 'backAt', 'last', 'begun', 'unansweredByDay', 'refused'] as const),
			...(['told', 'pausedUntil', 'allPausedUntil'] as const),
		],
	},
);
const someLimits: fc.Arbitrary<Limits> = fc.oneof(
	fc.constantFrom(...Object.values(PROFILES)),
	fc.record({
		newPerHour: fc.nat(20),
		newPerDay: fc.nat(50),
		unansweredPerPerson: fc.nat(5),
		unansweredPerContact: fc.nat(20),
		unansweredTotal: fc.nat(200),
		sameText: fc.nat(100),
		warmUpDays: fc.nat(14),
		rampSeconds: fc.nat(120),
		pause: fc.record({ reply: fc.nat(2), known: fc.nat(10), new: fc.nat(60) }),
		typingSpeed: fc.nat(100),
		typingMost: fc.nat(5),
		capReserve: fc.double({ min: 0, max: 1, noNaN: true }),
		refusedHours: fc.nat(48),
		refusedPeople: fc.integer({ min: 1, max: 5 }),
	}),
);
const anything = [someAsk, somePerson, someAccount, someLimits] as const;

describe('whatever is known', () => {
	test('it changes nothing and says the same again', () => {
		fc.assert(
			fc.property(...anything, (asked, known, whole, limits) => {
				const before = JSON.stringify([asked, known, whole]);
				const first = decide(asked, known, whole, { limits }, NOW);
				expect(decide(asked, known, whole, { limits }, NOW)).toEqual(first);
				expect(JSON.stringify([asked, known, whole])).toBe(before);
			}),
		);
	});

	test('a wait ends in the future, and when it is over that rule has nothing more to say', () => {
		fc.assert(
			fc.property(...anything, (asked, known, whole, limits) => {
				const said = decide(asked, known, whole, { limits }, NOW);
				fc.pre(said.kind === 'wait');
				expect(said.until).toBeGreaterThan(NOW);
				const later = decide(asked, known, whole, { limits }, said.until);
				// An answer that has waited too long is none any more, and other rules hold for it.
				fc.pre(later.line === said.line);
				if (later.kind !== 'go') expect(later.rule).not.toBe(said.rule);
			}),
			{ numRuns: 500 },
		);
	});

	test('who waits as told goes, or is refused for good, after a few waits', () => {
		fc.assert(
			fc.property(...anything, (asked, known, whole, limits) => {
				let now = NOW;
				for (let waits = 0; waits < 12; waits++) {
					const said = decide(asked, known, whole, { limits }, now);
					if (said.kind !== 'wait') return;
					now = said.until;
				}
				throw new Error('it waits for ever');
			}),
			{ numRuns: 500 },
		);
	});

	test('a refusal says a rule and a reason, without an address or a time in it', () => {
		fc.assert(
			fc.property(...anything, (asked, known, whole, limits) => {
				const said = decide(asked, known, whole, { limits }, NOW);
				if (said.kind === 'go') return;
				expect(said.because).toMatch(/^[A-Z\d].*\.$/);
				expect(said.because).not.toMatch(/@|\d{5,}|undefined|NaN|Infinity/);
			}),
		);
	});

	test('going over the limits goes over nothing that WhatsApp or the owner has said', () => {
		fc.assert(
			fc.property(...anything, (asked, known, whole, limits) => {
				const over = decide({ ...asked, overLimits: true }, known, whole, { limits }, NOW);
				if (over.kind !== 'go') expect(over.of).not.toBe('limit');
				const strict = decide({ ...asked, overLimits: false }, known, whole, { limits }, NOW);
				if (strict.kind !== 'go' && strict.of === 'guardrail') expect(over).toEqual(strict);
				if (over.kind !== 'go') expect(strict.kind).not.toBe('go');
			}),
			{ numRuns: 300 },
		);
	});

	test('tighter numbers never let more through', () => {
		fc.assert(
			fc.property(someAsk, somePerson, someAccount, (asked, known, whole) => {
				const order = [CAREFUL, BALANCED, OFF].map(
					(limits) => decide(asked, known, whole, { limits }, NOW).kind,
				);
				// What goes with Careful goes with Balanced, and what goes with that goes with Off.
				expect(
					order.indexOf('go') === -1 ||
						!order.slice(order.indexOf('go')).some((kind) => kind !== 'go'),
				).toBe(true);
			}),
			{ numRuns: 300 },
		);
	});

	test('with the profile Off only WhatsApp and guardrails object', () => {
		fc.assert(
			fc.property(someAsk, somePerson, someAccount, (asked, known, whole) => {
				const said = decide(asked, known, whole, { limits: OFF }, NOW);
				if (said.kind !== 'go') expect(['whatsapp', 'guardrail']).toContain(said.of);
			}),
		);
	});

	test('whoever wrote within a day is answered within a second, unless WhatsApp has refused', () => {
		fc.assert(
			fc.property(someAsk, somePerson, someAccount, past(1), (asked, known, whole, inAt) => {
				const live = { ...known, inAt, pausedUntil: 0 };
				const wanted = { ...asked, chat: 'person' as const, listed: undefined };
				const calm = { ...whole, allPausedUntil: 0, last: idle };
				expect(decide(wanted, live, calm, { limits: CAREFUL }, NOW).kind).toBe('go');
				const busy = { ...calm, last: { ...idle, reply: { at: NOW, dice: 1 } } };
				const said = decide(wanted, live, busy, { limits: CAREFUL }, NOW);
				if (said.kind === 'wait') expect(said.until - NOW).toBeLessThanOrEqual(1_000);
				else expect(said.kind).toBe('go');
			}),
		);
	});
});

const idle = {
	reply: { at: 0, dice: 0 },
	known: { at: 0, dice: 0 },
	new: { at: 0, dice: 0 },
};

describe('over time, when every message is asked for', () => {
	const steps = fc.array(
		fc.record({
			who: fc.nat(60),
			after: fc.integer({ min: 0, max: 6 * HOUR }),
			does: fc.constantFrom('send', 'send', 'send', 'send', 'answer'),
		}),
		{ minLength: 50, maxLength: 400 },
	);

	test('no window of time ever has more new conversations or unanswered messages than allowed', () => {
		fc.assert(
			fc.property(steps, fc.constantFrom(CAREFUL, BALANCED), (all, limits) => {
				const whole = account();
				const people = new Map<number, PersonFacts>();
				const begun: number[] = [];
				const sent = new Map<number, number[]>();
				let now = NOW;
				for (const { who, after, does } of all) {
					now += after;
					const known = people.get(who) ?? person();
					people.set(who, known);
					if (does === 'answer') {
						hear(whole, known, now);
						sent.delete(who);
						continue;
					}
					if (decide(ask(), known, whole, { limits }, now).kind !== 'go') continue;
					if (take(whole, known, ask(), { id: '', at: now, dice: 1 }).begins) begun.push(now);
					if (known.inAt === 0) sent.set(who, [...(sent.get(who) ?? []), now]);
					const within = (ms: number) => begun.filter((at) => at > now - ms).length;
					expect(within(HOUR)).toBeLessThanOrEqual(limits.newPerHour);
					expect(within(DAY)).toBeLessThanOrEqual(limits.newPerDay);
					const open = [...sent.values()].map(
						(times) => times.filter((at) => at > now - 30 * DAY).length,
					);
					expect(Math.max(0, ...open)).toBeLessThanOrEqual(limits.unansweredPerPerson);
					const total = open.reduce((sum, count) => sum + count, 0);
					expect(total).toBeLessThanOrEqual(limits.unansweredTotal + limits.newPerDay);
				}
			}),
			{ numRuns: 60 },
		);
	});

	test('what was not sent after all is given back', () => {
		fc.assert(
			fc.property(someAsk, somePerson, someAccount, (asked, known, whole) => {
				const strip = ({ last: _last, ...rest }: AccountFacts) => rest;
				const pruned = structuredClone(whole);
				take(pruned, structuredClone(known), ask({ act: 'amend' }), { id: 'x', at: NOW, dice: 0 });
				const before = [structuredClone(strip(pruned)), structuredClone(known)];
				take(pruned, known, asked, { id: 'id', at: NOW, dice: 0.5 }).giveBack();
				expect([strip(pruned), known]).toEqual(before);
			}),
		);
	});
});

describe('people', () => {
	const begun = (count: number, at = NOW - 2 * HOUR) =>
		Array.from({ length: count }, () => ({ at, weight: 1 }));

	test('a stranger waits when the day is full, somebody in the address book does not', () => {
		const full = { begun: begun(CAREFUL.newPerDay) };
		expect(say({}, {}, full)).toMatchObject({
			kind: 'wait',
			rule: 'new-per-day',
			until: NOW + 22 * HOUR,
		});
		expect(say({ saved: true }, {}, full).kind).toBe('go');
		expect(say({}, { inAt: NOW - 300 * DAY }, full).kind).toBe('go');
		expect(say({}, { established: true }, full).kind).toBe('go');
		expect(say({ chat: 'group' }, {}, full).kind).toBe('go');
	});

	test('people of a shared group count half', () => {
		const almost = {
			begun: begun(CAREFUL.newPerDay - 1).concat([{ at: NOW - 2 * HOUR, weight: 0.5 }]),
		};
		expect(say({}, {}, almost)).toMatchObject({ rule: 'new-per-day' });
		expect(say({}, { member: true }, almost).kind).toBe('go');
	});

	test('who does not answer is not written to again and again, until they write', () => {
		const silent = { outAt: NOW - HOUR, unanswered: [NOW - 2 * HOUR, NOW - HOUR] };
		expect(say({}, silent)).toMatchObject({
			rule: 'unanswered-person',
			until: NOW - 2 * HOUR + 30 * DAY,
		});
		expect(say({ saved: true }, silent).kind).toBe('go');
		const whole = account({ unansweredByDay: { '2026-11-23': 2 } });
		const known = person(silent);
		hear(whole, known, NOW);
		expect(decide(ask(), known, whole, { limits: CAREFUL }, NOW).kind).toBe('go');
		expect(whole.unansweredByDay).toEqual({});
	});

	test('the same content goes to so many a day, answers aside', () => {
		const sameText = Array.from({ length: CAREFUL.sameText }, () => NOW - HOUR);
		expect(say({ sameText, saved: true }, {})).toMatchObject({
			rule: 'same-text',
			until: NOW + 23 * HOUR,
		});
		expect(say({ sameText }, { inAt: NOW - HOUR }).kind).toBe('go');
	});

	test('a freshly linked number begins with less', () => {
		const fresh = { linkedAt: NOW - HOUR, begun: begun(3) };
		expect(say({}, {}, fresh)).toMatchObject({ rule: 'new-per-day' });
		expect(say({}, {}, { ...fresh, linkedAt: NOW - 8 * DAY }).kind).toBe('go');
	});

	test('an album counts once, and so does a repetition', () => {
		const silent = { outAt: NOW, unanswered: [NOW - 1, NOW] };
		expect(
			say({ continued: true }, silent, { last: { ...idle, new: { at: NOW, dice: 1 } } }).kind,
		).toBe('go');
	});
});

describe('adding somebody to a group', () => {
	test('is decided like a first message, and is none: nobody owes an answer to it', () => {
		const add = ask({ act: 'add' });
		const full = { begun: Array.from({ length: 10 }, () => ({ at: NOW - 2 * HOUR, weight: 1 })) };
		expect(say({ act: 'add' }, {}, full)).toMatchObject({ rule: 'new-per-day' });
		expect(say({ act: 'add' }, { established: true }, full).kind).toBe('go');
		expect(say({ act: 'add', onlyReplies: true }, {})).toMatchObject({ rule: 'only-replies' });
		const capped: Cap = { level: 'CAPPED', quota: 9, used: 9, cycleEnds: NOW + DAY, at: NOW };
		expect(say({ act: 'add' }, {}, { cap: capped })).toMatchObject({ rule: 'capped' });
		const whole = account();
		const known = person();
		const taken = take(whole, known, add, { id: 'add', at: NOW, dice: 0 });
		expect(taken).toMatchObject({ begins: true, unanswered: false });
		expect(whole.unansweredByDay).toEqual({});
		expect(take(whole, known, ask(), { id: 'text', at: NOW + HOUR, dice: 0 }).begins).toBe(false);
	});

	test('people who are added together need no pauses between them', () => {
		const last = { ...idle, new: { at: NOW, dice: 1 } };
		expect(say({ act: 'add' }, {}, { last })).toMatchObject({ kind: 'wait', of: 'pace' });
		expect(say({ act: 'add', together: true }, {}, { last }).kind).toBe('go');
	});
});

describe('pauses', () => {
	test('answers do not wait for new conversations', () => {
		const last = { ...idle, new: { at: NOW - 1_000, dice: 1 } };
		expect(say({}, {}, { last })).toMatchObject({ kind: 'wait', of: 'pace' });
		expect(say({}, { inAt: NOW - HOUR }, { last }).kind).toBe('go');
	});

	test('they are longer right after a reconnection, less and less', () => {
		const last = { ...idle, known: { at: NOW, dice: 0.5 } };
		const pause = (backAt: number) => {
			const said = say({ saved: true }, {}, { last, backAt });
			return said.kind === 'wait' ? said.until - NOW : 0;
		};
		expect(pause(0)).toBe(1_000);
		expect(pause(NOW)).toBe(3_000);
		expect(pause(NOW - 30_000)).toBe(2_000);
		expect(pause(NOW - 60_000)).toBe(1_000);
	});
});

describe('what WhatsApp says', () => {
	const cap = (more: Partial<Cap>): { cap: Cap } => ({
		cap: { level: 'NONE', quota: 100, used: 10, cycleEnds: NOW + 5 * DAY, at: NOW, ...more },
	});

	test('a capped number begins nothing until the cycle ends, and goes on answering', () => {
		expect(say({}, {}, cap({ level: 'CAPPED' }))).toMatchObject({
			rule: 'capped',
			of: 'whatsapp',
			until: NOW + 5 * DAY,
		});
		expect(say({ overLimits: true }, {}, cap({ used: 100 }))).toMatchObject({ rule: 'capped' });
		expect(say({}, { inAt: NOW - 40 * DAY }, cap({ level: 'CAPPED' })).kind).toBe('go');
	});

	test('part of the cap is kept in reserve; the node may use it', () => {
		expect(say({}, {}, cap({ used: 80 }))).toMatchObject({ rule: 'cap-reserve', of: 'limit' });
		expect(say({ overLimits: true }, {}, cap({ used: 80 })).kind).toBe('go');
	});

	test('warnings halve and quarter what is new', () => {
		const limitWith = (level: Cap['level']) => {
			const begun = Array.from({ length: 10 }, () => ({ at: NOW - 2 * HOUR, weight: 1 }));
			const said = say({}, {}, { ...cap({ level }), begun });
			return said.kind === 'go' ? '' : said.because;
		};
		expect(limitWith('NONE')).toContain('the limit is 10 now');
		expect(limitWith('FIRST_WARNING')).toContain('the limit is 5 now');
		expect(limitWith('SECOND_WARNING')).toContain('the limit is 2 now');
	});

	test('a timelock stops new chats until it ends; no timelock proves nothing', () => {
		const until = NOW + 6 * HOUR;
		const locked = { timelock: { active: true, until, at: NOW } };
		expect(say({}, {}, locked, OFF)).toMatchObject({ rule: 'timelock', until });
		expect(say({ saved: true }, {}, locked, OFF)).toMatchObject({ rule: 'timelock', until });
		expect(say({}, { inAt: NOW - 3 * DAY }, locked, OFF).kind).toBe('go');
		expect(say({ chat: 'group' }, {}, locked, OFF).kind).toBe('go');
		const denied = { timelock: { active: false, until: null, at: NOW }, pausedUntil: until };
		expect(say({}, {}, denied, OFF)).toMatchObject({ rule: 'refused-account', until });
	});

	test('a refusal rests the person first, the account after several people', () => {
		const whole = account();
		const first = person();
		expect(refuse(whole, first, OFF, 'a', NOW)).toBe(false);
		expect(first.pausedUntil).toBe(NOW + 12 * HOUR);
		expect(refuse(whole, first, OFF, 'a', NOW + DAY / 2)).toBe(false);
		expect(first.pausedUntil).toBe(NOW + DAY / 2 + 36 * HOUR);
		expect(decide(ask(), person(), whole, { limits: OFF }, NOW + DAY / 2).kind).toBe('go');
		expect(refuse(whole, person(), OFF, 'b', NOW + DAY / 2)).toBe(false);
		expect(refuse(whole, person(), OFF, 'c', NOW + DAY / 2)).toBe(true);
		const then = NOW + DAY / 2 + 1;
		expect(decide(ask(), person(), whole, { limits: OFF }, then)).toMatchObject({
			rule: 'refused-account',
		});
		const live = person({ inAt: NOW + DAY / 2 });
		expect(decide(ask(), live, whole, { limits: OFF }, then).kind).toBe('go');
	});

	test('when answers to several people are refused everything to people stops for an hour', () => {
		const whole = account();
		for (const who of ['a', 'b', 'c']) refuse(whole, person({ inAt: NOW }), OFF, who, NOW);
		expect(decide(ask(), person({ inAt: NOW }), whole, { limits: OFF }, NOW)).toMatchObject({
			rule: 'refused-account',
			until: NOW + HOUR,
		});
	});

	test('not even a reaction goes to somebody whom WhatsApp refused; when they write it may', () => {
		const known = person({ pausedUntil: NOW + DAY, refusals: 1 });
		const whole = account();
		const reaction = ask({ act: 'amend' });
		expect(decide(reaction, known, whole, { limits: OFF }, NOW)).toMatchObject({
			rule: 'refused-person',
		});
		hear(whole, known, NOW);
		expect(decide(reaction, known, whole, { limits: OFF }, NOW).kind).toBe('go');
	});
});

describe('guardrails', () => {
	test('only answers: to whoever wrote within a day, to groups as well', () => {
		const only = { onlyReplies: true };
		expect(say(only, { inAt: NOW - 25 * HOUR })).toMatchObject({
			kind: 'refuse',
			rule: 'only-replies',
		});
		expect(say(only, { inAt: NOW - 23 * HOUR }).kind).toBe('go');
		expect(say({ ...only, chat: 'group' }, { inAt: NOW - 23 * HOUR }).kind).toBe('go');
		expect(say({ ...only, chat: 'channel' }, {})).toMatchObject({ kind: 'refuse' });
		expect(say({ ...only, chat: 'self' }, {}).kind).toBe('go');
	});

	test('only people who wrote first, or those on a list', () => {
		expect(say({ onlyWroteFirst: true, saved: true }, {})).toMatchObject({
			kind: 'refuse',
			rule: 'recipient-not-allowed',
		});
		expect(say({ onlyWroteFirst: true }, { inAt: 1 }).kind).toBe('go');
		expect(say({ listed: false, overLimits: true }, { inAt: NOW })).toMatchObject({
			kind: 'refuse',
			of: 'guardrail',
		});
		expect(say({ listed: true }, { inAt: NOW }).kind).toBe('go');
	});
});
