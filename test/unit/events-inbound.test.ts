/** The small parts of the inbound path: calls, polls, who is waited for, upkeep, connection. */
import type { WACallEvent, WAMessage } from '@whiskeysockets/baileys';
import { createSealer } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import { AccountWatch } from '../../src/inbound/account';
import { Calls } from '../../src/inbound/calls';
import { Pairs } from '../../src/inbound/pairs';
import { Polls } from '../../src/inbound/polls';
import { noteListening, Upkeep } from '../../src/inbound/upkeep';
import { Waiting } from '../../src/inbound/waiting';
import { within } from '../../src/inbound/within';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import { manualClock, recordingLog } from '../helpers/storage';

const DAY = 24 * 3_600_000;

describe('calls', () => {
	const call = (status: WACallEvent['status'], id = 'C'): WACallEvent => ({
		chatId: '1@lid',
		from: '1@lid',
		id,
		date: new Date(0),
		offline: false,
		status,
	});

	test.each([
		['nobody takes it', ['offer', 'ringing', 'timeout'], ['offered', 'missed']],
		['the caller hangs up first', ['offer', 'terminate'], ['offered', 'missed']],
		['it was taken', ['offer', 'accept', 'terminate'], ['offered', 'ended']],
		['it was turned down', ['offer', 'reject', 'terminate'], ['offered', 'ended']],
		['the offer came twice', ['offer', 'offer', 'timeout', 'timeout'], ['offered', 'missed']],
	] as Array<[string, Array<WACallEvent['status']>, string[]]>)('%s', (_, steps, phases) => {
		const calls = new Calls();
		const told = steps.flatMap((step) => calls.step(call(step))?.phase ?? []);
		expect(told).toEqual(phases);
	});

	test('the end knows who had called', () => {
		const calls = new Calls();
		calls.step({ ...call('offer'), callerPn: '15550100101@s.whatsapp.net', isVideo: true });
		expect(calls.step({ ...call('terminate'), from: '' })?.call).toMatchObject({
			from: '1@lid',
			callerPn: '15550100101@s.whatsapp.net',
			isVideo: true,
		});
	});
});

describe('polls', () => {
	const person = (n: number, phone: string | null = null) => ({
		id: `${n}@lid`,
		lid: `${n}@lid`,
		phone,
		name: null,
		username: null,
	});

	test('the newest vote of each person counts, whichever comes first', async () => {
		const storage = openStorage({ kind: 'memory' }, { clock: systemClock, log: silentLog });
		const { facts } = storage.account('a');
		const polls = new Polls(facts, createSealer('secret', 'a'));
		const options = ['x', 'y'];
		await polls.vote('P', options, { voter: person(1), options: ['x'], at: 20 });
		await polls.vote('P', options, { voter: person(1), options: ['y'], at: 10 });
		expect(await polls.stand('P', options)).toMatchObject({
			results: [{ votes: 1 }, { votes: 0 }],
			voters: 1,
		});
		await polls.vote('P', options, { voter: person(2), options: ['x', 'y'], at: 30 });
		await polls.vote('P', options, { voter: person(1), options: [], at: 40 });
		expect(await polls.stand('P', options)).toMatchObject({
			results: [{ votes: 1 }, { votes: 1 }],
			voters: 1,
		});
		await storage.close();
	});

	test('a person is the same under LID and phone number', async () => {
		const storage = openStorage({ kind: 'memory' }, { clock: systemClock, log: silentLog });
		const { facts } = storage.account('a');
		const polls = new Polls(facts, createSealer('secret', 'a'));
		const byPhone = { ...person(1, '+15550100101'), id: 'p@s.whatsapp.net', lid: null };
		await polls.vote('P', ['x'], { voter: byPhone, options: ['x'], at: 1 });
		const both = person(1, '+15550100101');
		expect(await polls.vote('P', ['x'], { voter: both, options: ['x'], at: 2 })).toMatchObject({
			voters: 1,
		});
		await storage.close();
	});
});

describe('waiting for messages that could not be decrypted', () => {
	const failing = (id: string): WAMessage => ({
		key: { id, remoteJid: '1@lid', fromMe: false },
		messageStubType: 2,
		messageStubParameters: ['Bad MAC: 1234 of 1@lid'],
	});

	function waiting() {
		const clock = manualClock();
		const asked: string[] = [];
		const lost: Array<{ id: string; reason: string; retries: number }> = [];
		const room = new Waiting({
			clock,
			askPhone: ({ key }) => asked.push(key.id ?? ''),
			giveUp: ({ key }, reason, retries) => lost.push({ id: key.id ?? '', reason, retries }),
		});
		return { clock, asked, lost, room };
	}

	test('the phone is asked once more, then it is given up, with its reason but no address', () => {
		const { clock, asked, lost, room } = waiting();
		room.failed(failing('A'));
		clock.advance(60_000);
		expect(asked).toEqual(['A']);
		expect(lost).toEqual([]);
		clock.advance(60_000);
		expect(lost).toEqual([{ id: 'A', reason: 'Bad MAC', retries: 1 }]);
		expect(room.size).toBe(0);
	});

	test('one that arrives is waited for no longer', () => {
		const { clock, lost, room } = waiting();
		room.failed(failing('A'));
		room.failed(failing('B'));
		room.arrived({ key: { id: 'A', remoteJid: '15550100101@s.whatsapp.net', fromMe: false } });
		clock.advance(DAY);
		expect(lost.map(({ id }) => id)).toEqual(['B']);
	});

	test('after the last retry it does not take as long', () => {
		const { clock, lost, room } = waiting();
		for (let n = 0; n < 5; n++) room.failed(failing('A'));
		clock.advance(20_000);
		expect(lost).toMatchObject([{ id: 'A', retries: 5 }]);
	});
});

describe('upkeep', () => {
	async function inbox() {
		const clock = manualClock();
		const log = recordingLog();
		const storage = openStorage({ kind: 'memory' }, { clock, log });
		const account = storage.account('a');
		const append = async (key: string) =>
			await account.inbox.append([{ key, value: Buffer.from(key) }]);
		const keys = async () => (await account.inbox.read('', 100)).map(({ key }) => key);
		const upkeep = new Upkeep({ storage: account, clock, log });
		return { clock, log, account, append, keys, upkeep };
	}

	test('events older than a week go', async () => {
		const { clock, append, keys, upkeep } = await inbox();
		await append('old');
		clock.advance(8 * DAY);
		await append('new');
		expect(await upkeep.run()).toBe(1);
		expect(await keys()).toEqual(['new']);
	});

	test('what an active trigger has not read stays, with a warning, up to four weeks', async () => {
		const { clock, log, account, append, keys, upkeep } = await inbox();
		await account.cursors.set('w/1', await account.inbox.end());
		await append('unread');
		clock.advance(8 * DAY);
		await noteListening(account, 'w/1', clock.now());
		expect(await upkeep.run()).toBe(0);
		expect(await keys()).toEqual(['unread']);
		expect(log.lines.some(({ level }) => level === 'warn')).toBe(true);
		clock.advance(21 * DAY);
		await noteListening(account, 'w/1', clock.now());
		expect(await upkeep.run()).toBe(1);
		expect(log.lines.some(({ level }) => level === 'error')).toBe(true);
	});

	test('a trigger that nobody has used for a month is forgotten', async () => {
		const { clock, account, append, upkeep } = await inbox();
		await append('first');
		await account.cursors.set('gone/1', await account.inbox.end());
		await account.cursors.set('here/1', await account.inbox.end());
		await upkeep.run();
		clock.advance(31 * DAY);
		await noteListening(account, 'here/1', clock.now());
		await upkeep.run();
		expect(await account.cursors.list()).toEqual(['here/1']);
	});
});

describe('the connection', () => {
	const offline = new LinkedError('offline');

	test('is told lost once, however often it is tried', () => {
		const watch = new AccountWatch();
		const me = { jid: '1@s.whatsapp.net', phone: '15550100100' };
		const told = [
			watch.state({ name: 'connecting', since: 0 }),
			watch.state({ name: 'open', since: 1, me }),
			watch.state({ name: 'waiting', since: 2, until: 3, error: offline }),
			watch.state({ name: 'connecting', since: 4 }),
			watch.state({ name: 'waiting', since: 5, until: 6, error: offline }),
			watch.state({ name: 'open', since: 7, me }),
			watch.state({ name: 'closed', since: 8 }),
		].map((change) => change?.kind);
		expect(told).toEqual([
			undefined,
			'connected',
			'disconnected',
			undefined,
			undefined,
			'connected',
			undefined,
		]);
	});

	test.each([
		['logged-out', 'loggedOut'],
		['replaced', 'replaced'],
		['banned', 'restricted'],
		['bad-session', 'disconnected'],
	] as const)('stopped by %s', (code, kind) => {
		const error = new LinkedError(code);
		expect(new AccountWatch().state({ name: 'stopped', since: 0, error })?.kind).toBe(kind);
	});
});

test('pairs of LID and phone number are learned from a notice', () => {
	const pairs = new Pairs();
	pairs.learnFromNotice({
		tag: 'notification',
		attrs: {
			from: '1@g.us',
			participant: '7@lid',
			participant_pn: '15550100107@s.whatsapp.net',
		},
		content: [
			{
				tag: 'add',
				attrs: {},
				content: [
					{
						tag: 'participant',
						attrs: { jid: '8@lid', phone_number: '15550100108@s.whatsapp.net' },
					},
				],
			},
		],
	});
	expect(pairs.find('7@lid')).toBe('15550100107@s.whatsapp.net');
	expect(pairs.find('15550100108@s.whatsapp.net')).toBe('8@lid');
});

test('a look-up that hangs is waited for no longer than allowed', async () => {
	expect(await within(systemClock, 10, new Promise(() => {}))).toBeUndefined();
	expect(await within(systemClock, 10_000, Promise.resolve(1))).toBe(1);
	expect(await within(systemClock, 10_000, Promise.reject(new Error('no')))).toBeUndefined();
});
