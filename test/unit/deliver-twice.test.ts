/**
 * One trigger that is active in two processes, for a moment or longer: n8n's leader changes, or a
 * workflow is published again while executions of it wait in n8n's queue.
 */
import { systemClock } from '../../src/clock';
import type { DeliverDeps } from '../../src/inbound/deliver';
import type { Cursors } from '../../src/storage/roles';
import { Executions, TRIGGER, type Run } from '../helpers/executions';
import { until } from '../helpers/until';

const executions = new Executions();
beforeEach(() => executions.open());
afterEach(async () => await executions.close());

/** A clock on which the looks at the other process come at once, and the test moves the time. */
function watchClock() {
	let moved = 0;
	return {
		...systemClock,
		now: () => Date.now() + moved,
		after: (ms: number, task: () => void) => systemClock.after(Math.min(ms, 20), task),
		move: (ms: number) => void (moved += ms),
	};
}

const living = () => Promise.resolve(true);

/** The trigger in one of n8n's main processes. */
function main(process: string, options: Partial<DeliverDeps> = {}) {
	const { cursors } = executions.account;
	return executions.trigger({
		process,
		isAlive: living,
		settledLate: async (seq, attempt) => void (await cursors.done(TRIGGER, seq, attempt)),
		...options,
	});
}

const started = async () =>
	await until('the cursor', async () => {
		return (await executions.account.cursors.get(TRIGGER)) !== undefined;
	});
const passed = async () =>
	await until('the cursor to pass all', async () => {
		const { cursors, inbox } = executions.account;
		return (await cursors.get(TRIGGER)) === (await inbox.end());
	});

/** What n8n does with a run in a worker; true when the workflow went on after the trigger. */
async function work(run: Run, worker = 'worker'): Promise<boolean> {
	const claimed = await executions.claim(run, worker);
	run.end();
	return claimed === true;
}

test('a job that the former leader left in the queue does not end the event', async () => {
	const before = main('main 1');
	await started();
	await executions.happen('a:1');
	const [left] = await until('the job', () => before.runs.length === 1 && before.runs);
	await before.delivery.stop();
	const after = main('main 2');
	const [taken] = await until('the job anew', () => after.runs.length === 1 && after.runs);
	// The queue is worked off in its order, one after the other.
	expect(await work(left!)).toBe(false);
	await until('n8n to have told of it', async () => {
		const [open] = await executions.account.cursors.open(TRIGGER);
		return open?.attempt === 2;
	});
	expect(await work(taken!)).toBe(true);
	await passed();
});

test('what a worker begins in the very moment of the change is not begun again', async () => {
	const before = main('main 1');
	await started();
	await executions.happen('a:1');
	const [run] = await until('the job', () => before.runs.length === 1 && before.runs);
	await before.delivery.stop();
	const { cursors } = executions.account;
	let claimed: boolean | undefined;
	const late: Cursors = Object.assign(Object.create(cursors) as Cursors, {
		async open(trigger: string) {
			const open = await cursors.open(trigger);
			claimed ??= await executions.claim(run, 'worker');
			return open;
		},
	});
	const after = main('main 2', { cursors: late, clock: watchClock() });
	await executions.happen('b:2');
	await until('the other chat', () => after.texts().includes('2'));
	expect(claimed).toBe(true);
	expect(after.texts()).toEqual(['2']);
	await executions.happen('a:3');
	run?.end();
	await until('what follows in the chat', () => after.texts().includes('3'));
	for (const each of after.runs) await work(each);
	await passed();
	expect(after.texts()).toEqual(['2', '3']);
});

test('active in two at once, each event is worked on once, in the order of its chat', async () => {
	const clock = watchClock();
	const mains = [main('main 1', { clock }), main('main 2', { clock })];
	await started();
	const names = Array.from({ length: 60 }, (_, n) => `chat${n % 3}:${n}`);
	const worked: string[] = [];
	const seen = new Set<Run>();
	for (const [n, name] of names.entries()) {
		await executions.happen(name);
		if (n % 4 !== 3) continue;
		for (const run of mains.flatMap(({ runs }) => runs)) {
			if (seen.has(run)) continue;
			seen.add(run);
			if (await work(run)) worked.push(run.text);
		}
	}
	await until('all of them', async () => {
		for (const run of mains.flatMap(({ runs }) => runs)) {
			if (seen.has(run)) continue;
			seen.add(run);
			if (await work(run)) worked.push(run.text);
		}
		return worked.length >= names.length;
	});
	await passed();
	expect([...worked].sort((a, b) => Number(a) - Number(b))).toEqual(names.map((_, n) => `${n}`));
	for (const chat of [0, 1, 2]) {
		const of = worked.map(Number).filter((n) => n % 3 === chat);
		expect(of).toEqual([...of].sort((a, b) => a - b));
	}
});

test('what one of two had in hand when it died is taken over by the other', async () => {
	const alive = new Set(['main 1', 'main 2']);
	const isAlive = (process: string) => Promise.resolve(alive.has(process));
	const clock = watchClock();
	const first = main('main 1', { isAlive });
	await started();
	await executions.happen('a:1');
	await until('the job', () => first.runs.length === 1);
	const second = main('main 2', { isAlive, clock, maxInFlight: 1 });
	// Handed over anew, as nobody has begun with it; the first then knows that it is not its own.
	await until('the job in the other', () => second.runs.length === 1);
	expect(await work(first.runs[0]!)).toBe(false);
	await executions.happen('a:2');
	expect(await work(second.runs[0]!)).toBe(true);
	const runs = () => [...first.runs, ...second.runs].filter(({ text }) => text === '2');
	await until('the next job', () => runs().length === 1);
	// Whichever has it dies before anybody begins with it.
	const dead = first.runs.some(({ text }) => text === '2') ? first : second;
	await dead.delivery.stop();
	alive.delete(dead === first ? 'main 1' : 'main 2');
	const third = main('main 3', { isAlive: (name) => Promise.resolve(name === 'main 3') });
	const left = dead === first ? second : first;
	await until('another', () => [...third.runs, ...left.runs].some(({ text }) => text === '2'));
	for (const run of [...third.runs, ...left.runs].filter(({ text }) => text === '2')) {
		await work(run);
	}
	await passed();
});
