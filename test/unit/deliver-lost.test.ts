/** Executions that end without having done anything for their event: it starts another, or is reported. */
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import type { Cursors } from '../../src/storage/roles';
import { Executions, TRIGGER } from '../helpers/executions';
import { until } from '../helpers/until';

const executions = new Executions();
/** On which the pauses between tries are short. */
const clock: typeof systemClock = {
	...systemClock,
	sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal),
};

beforeEach(() => executions.open());
afterEach(async () => await executions.close());

async function start(...[options]: Parameters<Executions['trigger']>) {
	const started = executions.trigger({ clock, process: 'main', ...options });
	const { cursors } = executions.account;
	await until('the cursor', async () => (await cursors.get(TRIGGER)) !== undefined);
	await executions.happen('a:1');
	await until('the event', () => started.runs.length === 1);
	return started;
}

const passed = async () =>
	await until('the cursor to pass it', async () => {
		const { cursors, inbox } = executions.account;
		return (await cursors.get(TRIGGER)) === (await inbox.end());
	});

test('an execution whose worker died runs again', async () => {
	const { runs, reported } = await start();
	await executions.claim(runs[0], 'worker');
	runs[0]?.end('lost');
	await until('another execution', () => runs.length === 2);
	expect(runs[1]?.ticket).toMatchObject({ seq: runs[0]?.ticket.seq, attempt: 2 });
	expect(await executions.claim(runs[0], 'worker')).toBe(false);
	expect(await executions.claim(runs[1], 'another')).toBe(true);
	runs[1]?.end();
	await passed();
	expect(runs).toHaveLength(2);
	expect(reported).toEqual([]);
});

test('or is only reported, as chosen', async () => {
	const { runs, reported } = await start({ rerun: false });
	await executions.claim(runs[0], 'worker');
	runs[0]?.end('lost');
	await passed();
	expect(reported).toEqual(['1']);
	expect(runs).toHaveLength(1);
});

test('also when the storage is away just then', async () => {
	let isAway = false;
	const { cursors } = executions.account;
	const open: Cursors['open'] = async (trigger) => {
		if (!isAway) return await cursors.open(trigger);
		isAway = false;
		throw new LinkedError('storage-unreachable');
	};
	const others = Object.create(cursors) as Cursors;
	const { runs, reported } = await start({
		rerun: false,
		cursors: Object.assign(others, { open }),
	});
	await executions.claim(runs[0], 'worker');
	isAway = true;
	runs[0]?.end('lost');
	await until('the report, or another execution', () => reported.length + runs.length === 2);
	await passed();
	expect(reported).toEqual(['1']);
	expect(runs).toHaveLength(1);
});

test.each([
	['that never claimed it', undefined],
	['that failed after a claim of this very process', 'main'],
])('an execution %s starts once more, whatever was chosen', async (_which, claimedBy) => {
	const { runs, reported } = await start({ rerun: false });
	if (claimedBy) await executions.claim(runs[0], claimedBy);
	runs[0]?.end('lost');
	await until('another execution', () => runs.length === 2);
	runs[1]?.end();
	await passed();
	expect(reported).toEqual([]);
});

test('an execution that has failed in the workflow is over', async () => {
	const { runs, reported } = await start();
	await executions.claim(runs[0], 'worker');
	runs[0]?.end('ended');
	await passed();
	expect(runs).toHaveLength(1);
	expect(reported).toEqual([]);
});

test('an event that kills every execution is reported in the end, and the next one comes', async () => {
	const { runs, reported } = await start();
	await executions.happen('a:2');
	const tries = () => runs.filter(({ text }) => text === '1');
	for (let n = 0; n < 5; n++) {
		await until('an execution', () => tries().length === n + 1);
		await executions.claim(tries()[n], `worker ${n}`);
		tries()[n]?.end('lost');
	}
	await until('the report', () => reported.length === 1);
	expect(reported).toEqual(['1']);
	await until('the next event', () => runs.some(({ text }) => text === '2'));
	expect(tries()).toHaveLength(5);
});

test('a report that cannot be stored at once is not one more execution', async () => {
	let failures = 0;
	const report = () =>
		failures++ ? Promise.resolve() : Promise.reject(new LinkedError('storage-full'));
	const { runs } = await start({ report });
	for (let n = 0; n < 5; n++) {
		await until('an execution', () => runs.length === n + 1);
		await executions.claim(runs[n], `worker ${n}`);
		runs[n]?.end('lost');
	}
	await until('the report, or an execution', () => failures === 2 || runs.length > 5);
	await passed();
	expect(runs).toHaveLength(5);
});

test('an event that n8n dies of again and again is reported at the fifth start', async () => {
	let trigger = await start();
	for (let n = 1; n < 5; n++) {
		await executions.claim(trigger.runs[0], `dead ${n}`);
		await executions.stop();
		trigger = executions.trigger({ clock });
		await until('the event once more', () => trigger.runs.length === 1);
	}
	await executions.claim(trigger.runs[0], 'dead 5');
	await executions.stop();
	trigger = executions.trigger({ clock });
	await until('the report', () => trigger.reported.length === 1);
	expect(trigger.runs).toEqual([]);
});

/** Notes of first attempts are lost, as with a process that is killed before they are stored. */
function forgetful(): Cursors {
	const { cursors } = executions.account;
	return {
		notesLater: true,
		get: async (trigger) => await cursors.get(trigger),
		set: async (...position) => await cursors.set(...position),
		open: async (trigger) => await cursors.open(trigger),
		emitted: async (trigger, seq, attempt, ...by) =>
			attempt === 1 ? 'ours' : await cursors.emitted(trigger, seq, attempt, ...by),
		claim: async (...claim) => await cursors.claim(...claim),
		done: async (...end) => await cursors.done(...end),
		remove: async (trigger) => await cursors.remove(trigger),
		list: async () => await cursors.list(),
		onClaim: (listener) => cursors.onClaim(listener),
	};
}

test('an execution that is lost together with the note of its attempt runs again', async () => {
	const { runs } = await start({ cursors: forgetful() });
	runs[0]?.end('lost');
	await until('another execution', () => runs.length === 2);
	expect(runs[1]?.ticket).toMatchObject({ seq: runs[0]?.ticket.seq, attempt: 2 });
	expect(await executions.claim(runs[1])).toBe(true);
	runs[1]?.end();
	await passed();
	expect(runs).toHaveLength(2);
});

test('after a restart no execution before it can take or end an event whose note was lost', async () => {
	const { runs, delivery } = await start({ cursors: forgetful() });
	await delivery.stop();
	const after = executions.trigger({ clock, cursors: forgetful() });
	await until('the event again', () => after.runs.length === 1);
	await executions.happen('b:2');
	await until('what came since', () => after.runs.length === 2);
	expect(after.runs.map(({ ticket }) => ticket.attempt)).toEqual([2, 1]);
	expect(await executions.claim(after.runs[0])).toBe(true);
	expect(await executions.claim(runs[0], 'old')).toBe(false);
	runs[0]?.end();
	const { seq = '' } = after.runs[0]?.ticket ?? {};
	expect(await executions.account.cursors.done(TRIGGER, seq, 1)).toBe(false);
});
