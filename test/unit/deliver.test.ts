import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import type { DeliverDeps } from '../../src/inbound/deliver';
import type { AccountStorage } from '../../src/storage/roles';
import { Executions, TRIGGER, type Run } from '../helpers/executions';
import { until } from '../helpers/until';

const executions = new Executions();
let account: AccountStorage;

beforeEach(() => {
	executions.open();
	({ account } = executions);
});

afterEach(async () => await executions.close());

const happen = async (...names: string[]) => await executions.happen(...names);
const trigger = (options: Partial<DeliverDeps> = {}) => executions.trigger(options);
const claim = async (run: Run | undefined, process?: string) =>
	await executions.claim(run, process);

test('a new trigger begins with what happens from now on', async () => {
	await happen('a:before');
	const { delivery, texts } = trigger();
	await until('the first cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:after');
	await until('the event', () => texts().length === 1);
	expect(texts()).toEqual(['after']);
	await delivery.stop();
});

test('the next event of a chat is handed over once the one before has started', async () => {
	const { runs, texts } = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1', 'a:2', 'b:3');
	await until('one event of each chat', () => texts().length === 2);
	expect(texts().sort()).toEqual(['1', '3']);
	await claim(runs.find(({ text }) => text === '1'));
	await until('the second of the chat', () => texts().includes('2'));
});

test('the next event of a chat can wait for the end of the one before', async () => {
	const { runs, texts } = trigger({ next: 'end' });
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1', 'a:2', 'b:3');
	await until('one event of each chat', () => texts().length === 2);
	const first = runs.find(({ text }) => text === '1');
	await claim(first);
	await claim(runs.find(({ text }) => text === '3'));
	runs.find(({ text }) => text === '3')?.end();
	expect(texts()).not.toContain('2');
	first?.end();
	await until('the second of the chat', () => texts().includes('2'));
});

test('no more executions are in flight than allowed', async () => {
	const { runs, texts } = trigger({ maxInFlight: 2 });
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1', 'b:2', 'c:3', 'd:4');
	await until('two', () => texts().length === 2);
	runs[0]?.end();
	await until('a third', () => texts().length === 3);
	runs[1]?.end();
	await until('the fourth', () => texts().length === 4);
});

test('after a restart, what was not finished is handed over again and what was is not', async () => {
	const first = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1', 'b:2', 'c:3');
	await until('three', () => first.texts().length === 3);
	const second = first.runs.find(({ text }) => text === '2');
	await claim(second);
	second?.end();
	await until('the second to be settled', async () =>
		(await account.cursors.open(TRIGGER)).some(({ state }) => state === 'done'),
	);
	await first.delivery.stop();

	const again = trigger();
	await until('the two others', () => again.texts().length === 2);
	expect(again.texts().sort()).toEqual(['1', '3']);
	expect(again.runs.map(({ ticket }) => ticket.attempt)).toEqual([2, 2]);
});

test('an execution of an older attempt can no longer claim the event', async () => {
	const first = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	const [old] = await until('the event', () => first.runs.length === 1 && first.runs);
	await first.delivery.stop();
	const again = trigger();
	const [fresh] = await until('the event again', () => again.runs.length === 1 && again.runs);
	expect(await claim(old)).toBe(false);
	expect(await claim(fresh)).toBe(true);
});

test('an execution that died with its process is run again, or only reported as chosen', async () => {
	const first = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	await until('the event', () => first.runs.length === 1);
	await claim(first.runs[0], 'dead');
	await first.delivery.stop();

	const reporting = trigger({ rerun: false });
	await until('the report', () => reporting.reported.length === 1);
	expect(reporting.reported).toEqual(['1']);
	expect(reporting.runs).toEqual([]);
});

/** A clock on which the looks at other processes come at once, and the test moves the time. */
function watchClock() {
	let moved = 0;
	return {
		...systemClock,
		now: () => Date.now() + moved,
		after: (ms: number, task: () => void) => systemClock.after(Math.min(ms, 20), task),
		move: (ms: number) => void (moved += ms),
	};
}

test('an execution that goes on in another process is left alone', async () => {
	const first = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	await until('the event', () => first.runs.length === 1);
	await claim(first.runs[0], 'worker');
	await first.delivery.stop();

	const clock = watchClock();
	const again = trigger({ clock, isAlive: (process) => Promise.resolve(process === 'worker') });
	await happen('b:other chat', 'a:2');
	await until('the other chat', () => again.texts().length === 1);
	clock.move(21_000);
	await until('the next of this chat', () => again.texts().length === 2);
	expect(again.texts()).toEqual(['other chat', '2']);
	for (const run of again.runs) run.end();
	clock.move(600_000);
	const end = await account.inbox.end();
	await until('the cursor to pass it', async () => (await account.cursors.get(TRIGGER)) === end);
	expect(again.texts()).toHaveLength(2);
});

test('what a killed process had claimed is run again, first of its chat, though it seems to live', async () => {
	const first = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	await until('the event', () => first.runs.length === 1);
	await claim(first.runs[0], 'killed');
	await first.delivery.stop();

	let asked = 0;
	const again = trigger({ clock: watchClock(), isAlive: () => Promise.resolve(asked++ < 3) });
	await happen('a:2');
	await until('the first', () => again.texts().length === 1);
	expect(again.texts()).toEqual(['1']);
	expect(again.runs[0]?.ticket.attempt).toBe(2);
	await claim(again.runs[0]);
	await until('the second', () => again.texts().length === 2);
	expect(again.texts()).toEqual(['1', '2']);
});

test('a trigger that begins anew in the same process waits for nothing and runs nothing twice', async () => {
	const first = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	await until('the event', () => first.runs.length === 1);
	await claim(first.runs[0], 'this');
	await first.delivery.stop();

	const clock = watchClock();
	const again = trigger({ clock, process: 'this', isAlive: () => Promise.resolve(true) });
	await happen('a:2');
	await until('the next', () => again.texts().length === 1);
	first.runs[0]?.end();
	again.runs[0]?.end();
	const end = await account.inbox.end();
	await until('the cursor to pass both', async () => (await account.cursors.get(TRIGGER)) === end);
	expect(again.texts()).toEqual(['2']);
});

test('what this process has claimed before the trigger began holds its chat until it ends, or a minute', async () => {
	const first = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1', 'b:1');
	await until('the events', () => first.runs.length === 2);
	for (const run of first.runs) await claim(run, 'this');
	await first.delivery.stop();

	const clock = watchClock();
	const again = trigger({
		clock,
		next: 'end',
		process: 'this',
		isAlive: () => Promise.resolve(true),
	});
	await happen('a:2', 'b:2', 'c:1');
	await until('another chat', () => again.texts().length === 1);
	const [one] = first.runs;
	await account.cursors.done(TRIGGER, one?.ticket.seq ?? '', 1);
	await until('the next of the chat that has ended', () => again.texts().length === 2);
	clock.move(61_000);
	await until('the next of the other', () => again.texts().length === 3);
	expect(again.texts()).toEqual(['1', '2', '2']);
});

test('an event that n8n could not start is handed over again', async () => {
	const { runs, texts } = trigger({
		clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) },
	});
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	await until('the first try', () => runs.length === 1);
	runs[0]?.fail(new Error('no'));
	await until('the second try', () => runs.length === 2);
	expect(texts()).toEqual(['1', '1']);
	expect(runs[1]?.ticket.attempt).toBe(2);
});

test('one that failed although it had claimed its event is handed over again, too', async () => {
	const { runs } = trigger({
		clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) },
		process: 'this',
		isAlive: () => Promise.resolve(true),
	});
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	await until('the first try', () => runs.length === 1);
	await claim(runs[0], 'this');
	runs[0]?.fail(new Error('no'));
	await until('the second try', () => runs.length === 2);
	expect(await claim(runs[1], 'this')).toBe(true);
});

test('a storage that was away is not waited for longer and longer', async () => {
	const waits: number[] = [];
	const clock = {
		...systemClock,
		sleep: (ms: number, signal?: AbortSignal) => {
			waits.push(ms);
			return systemClock.sleep(Math.min(ms, 1), signal);
		},
	};
	const { runs } = trigger({ clock });
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	for (let n = 0; n < 6; n++) {
		await until('a try', () => runs.length === n + 1);
		runs[n]?.fail(new LinkedError('storage-unreachable'));
	}
	await until('the last try', () => runs.length === 7);
	expect(new Set(waits)).toEqual(new Set([2_000]));
});

test('what no filter wants moves the cursor and starts nothing', async () => {
	const { texts } = trigger({ wants: ({ text }) => text === 'yes' });
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:no', 'a:no2');
	const end = await account.inbox.end();
	await until('the cursor to pass', async () => (await account.cursors.get(TRIGGER)) === end);
	expect(texts()).toEqual([]);
});

test('two triggers of one number each get every event', async () => {
	const one = trigger();
	const two = trigger({ trigger: 'other/node' });
	await until('both cursors', async () => {
		const known = await account.cursors.list();
		return known.includes(TRIGGER) && known.includes('other/node');
	});
	await happen('a:1');
	await until('both', () => one.texts().length === 1 && two.texts().length === 1);
	await one.delivery.stop();
	await claim(two.runs[0]);
	two.runs[0]?.end();
	await happen('a:2');
	await until('the other goes on', () => two.texts().includes('2'));
	expect(one.texts()).toEqual(['1']);
});

describe('batches', () => {
	const soon = {
		...systemClock,
		after: (ms: number, task: () => void) => systemClock.after(Math.min(ms, 20), task),
	};

	test('messages of a chat that follow each other start one execution together', async () => {
		let now = 1_000_000;
		const clock = { ...soon, now: () => now };
		executions.open(clock);
		({ account } = executions);
		const { runs, texts } = trigger({ batchMs: 5_000, clock });
		await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
		await happen('a:1', 'a:2', 'b:3');
		now += 4_000;
		await happen('a:4');
		now += 1_500;
		await until('the other chat, which is quiet', () => texts().length === 1);
		expect(texts()).toEqual(['3']);
		now += 5_000;
		await until('the batch', () => texts().length === 2);
		expect(texts()).toContain('1+2+4');
		const batch = runs.find(({ text }) => text === '1+2+4');
		expect(batch?.tickets).toHaveLength(3);
		for (const ticket of batch?.tickets ?? []) {
			await account.cursors.claim(TRIGGER, ticket.seq, ticket.attempt, {
				process: 'p',
				execution: 'e',
			});
		}
		for (const run of runs) run.end();
		const end = await account.inbox.end();
		await until('all settled', async () => (await account.cursors.get(TRIGGER)) === end);
	});

	test('somebody who does not stop writing is not waited for for ever', async () => {
		let now = 1_000_000;
		const clock = { ...soon, now: () => now };
		executions.open(clock);
		({ account } = executions);
		const { texts } = trigger({ batchMs: 5_000, clock });
		await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
		for (let n = 0; n < 12; n++) {
			await happen(`a:${n}`);
			now += 4_500;
		}
		await until('a batch', () => texts().length === 1);
		expect(texts()[0]).toContain('0+1+2');
	});
});

test('a chat with much to say leaves room for others', async () => {
	const { runs, texts } = trigger({ maxInFlight: 1 });
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1', 'a:2', 'a:3', 'b:4');
	await until('the first', () => texts().length === 1);
	runs[0]?.end();
	await until('the second', () => texts().length === 2);
	expect(texts()).toEqual(['1', '4']);
});

test('an execution that fails or that takes long does not hold up what comes after', async () => {
	const { runs, texts } = trigger({ maxInFlight: 200 });
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('slow:0');
	await until('the slow one', () => texts().length === 1);
	await claim(runs[0]);
	// More than is read ahead, all of it ended, behind one that goes on.
	for (let n = 0; n < 2_500; n += 100) {
		await happen(...Array.from({ length: 100 }, (_, i) => `c${i}:${n + i}`));
		await until('these', () => {
			for (const run of runs.slice(1)) run.end();
			return texts().length === n + 101;
		});
	}
	expect(texts()).toHaveLength(2_501);
});

test('a filter that fails lets the event through', async () => {
	const { texts } = trigger({
		wants: () => {
			throw new Error('broken');
		},
	});
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1');
	await until('the event', () => texts().length === 1);
});

test('what fails in taking up former deliveries is done anew, and nothing twice', async () => {
	const first = trigger();
	await until('the cursor', async () => (await account.cursors.get(TRIGGER)) !== undefined);
	await happen('a:1', 'b:2');
	await until('both', () => first.texts().length === 2);
	await claim(first.runs.find(({ text }) => text === '2'));
	await first.delivery.stop();

	let asked = 0;
	const again = trigger({
		clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) },
		isAlive: () => (asked++ === 0 ? Promise.reject(new Error('away')) : Promise.resolve(false)),
	});
	await until('both again', () => again.texts().length === 2);
	await happen('c:3');
	await until('the next', () => again.texts().length === 3);
	expect(again.texts().sort()).toEqual(['1', '2', '3']);
});
