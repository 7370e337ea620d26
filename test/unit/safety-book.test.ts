/** What safety knows survives a restart, and a former owner writes nothing more. */
import { createSealer } from '../../src/auth';
import { silentLog } from '../../src/log';
import { Book } from '../../src/safety/book';
import { Shelf } from '../../src/safety/shelf';
import { DAY, type Ask } from '../../src/safety/types';
import { openStorage } from '../../src/storage/open';
import type { Fence } from '../../src/storage/roles';
import { manualClock } from '../helpers/storage';

const ANNA = '200000000000101@lid';
const ANNA_PHONE = '15550100101@s.whatsapp.net';
const ask: Ask = { chat: 'person', saved: false, act: 'message', sameText: [] };

function stage() {
	const clock = manualClock(Date.UTC(2026, 10, 23, 9, 30));
	const account = openStorage({ kind: 'memory' }, { clock, log: silentLog }).account('a');
	/** A process that owns the number now. */
	const owner = async (holder: string) => {
		const result = await account.lease.acquire(holder, 10 * DAY);
		if (!result.held) throw new Error('held');
		const { fence } = result;
		return await withFence(fence);
	};
	const withFence = async (fence: Fence) => {
		const sealer = createSealer('secret', 'a');
		const deps = { facts: account.facts, sealer, fence: () => fence, clock, log: silentLog };
		const shelf = new Shelf(deps);
		const book = new Book(shelf, clock, () => 0.5);
		await book.load();
		const send = async (jid: string, id: string) => {
			const person = await book.people.load(jid);
			book.send({ jid, person, ask, id }).sent('accepted');
		};
		return { book, shelf, fence, send };
	};
	return { clock, account, owner };
}

test('counters and people are there after a restart', async () => {
	const { account, owner, clock } = stage();
	const first = await owner('one');
	await first.send(ANNA, 'id 1');
	await first.shelf.flush();
	await account.lease.release(first.fence);
	const second = await owner('two');
	expect(second.book.account.begun).toHaveLength(1);
	expect(second.book.account.unansweredByDay).toEqual({ '2026-11-23': 1 });
	expect(await second.book.people.load(ANNA)).toMatchObject({ unanswered: [clock.now()] });
	expect(second.book.tally.lastHours(24, clock.now())).toMatchObject({ toPeople: 1, begun: 1 });
});

test('a former owner writes nothing more', async () => {
	const { account, owner } = stage();
	const first = await owner('one');
	await account.lease.release(first.fence);
	const second = await owner('two');
	await first.send(ANNA, 'id 1');
	await first.shelf.flush();
	await second.send(ANNA_PHONE, 'id 2');
	await second.shelf.flush();
	await account.lease.release(second.fence);
	const third = await owner('three');
	expect(third.book.account.begun).toHaveLength(1);
	expect((await third.book.people.load(ANNA)).outAt).toBe(0);
});

test('a person is one under both addresses', async () => {
	const { owner } = stage();
	const { book, shelf, send } = await owner('one');
	await send(ANNA_PHONE, 'id 1');
	await shelf.flush();
	expect((await book.people.load(ANNA, ANNA_PHONE)).unanswered).toHaveLength(1);
});

test('an answer settles what was open; another number in the credential begins anew', async () => {
	const { owner, clock } = stage();
	const { book, send } = await owner('one');
	await book.opened('200000000000100@lid');
	await send(ANNA, 'id 1');
	const person = await book.people.load(ANNA);
	clock.advance(60_000);
	book.wrote(ANNA, person, clock.now(), true, true);
	expect(book.tally.lastHours(24, clock.now())).toMatchObject({
		begun: 1,
		answered: 1,
		unanswered: 0,
		received: 1,
	});
	expect(book.account.unansweredByDay).toEqual({});
	await book.opened('200000000000999@lid');
	expect(book.account.begun).toEqual([]);
	expect((await book.people.load(ANNA)).inAt).toBe(0);
});
