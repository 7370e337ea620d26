/**
 * n8n's leader changes while messages come: the trigger is closed in one main process and begins in
 * another. n8n 2.41 calls the trigger's closeFunction on `leader-stepdown` and trigger() on
 * `leader-takeover` (active-workflow-manager), without waiting for each other: a leader that slept
 * notices only at its next look that another one has taken over, and for that time both are active.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import { N8nProcess } from '../processes/process';
import { WhatsAppServer, type Phone } from '../whatsapp';

jest.setTimeout(180_000);

const ACCOUNT = 'number';
const TRIGGERS = ['workflow-1/trigger', 'workflow-2/trigger'];
const MINE = '+1 555 010 0100';
const WORK_MS = 15;

let server: WhatsAppServer;
let redis: RedisServer;
let people: Phone[];
/** Holds the connection; no main process. */
let worker: N8nProcess;
const mains: N8nProcess[] = [];

async function start(): Promise<N8nProcess> {
	const started = await N8nProcess.start({
		storage: { kind: 'redis', url: redis.url },
		env: server.env(),
	});
	mains.push(started);
	return started;
}

const takeOver = async (main: N8nProcess) => {
	for (const trigger of TRIGGERS) {
		await main.ask('listen', { account: ACCOUNT, trigger, workMs: WORK_MS });
	}
};
const stepDown = async (main: N8nProcess) => {
	for (const trigger of TRIGGERS) await main.ask('unlisten', { trigger });
};

/** What executions of a trigger have done, in whichever process. */
const heard = (trigger: string) =>
	mains.flatMap(({ events }) => events.filter((event) => event.trigger === trigger));

/** Messages from several people, without a pause, until stopped. */
class Traffic {
	readonly sent: string[] = [];
	private stopped = false;
	private readonly loops: Array<Promise<void>>;

	constructor(private readonly name: string) {
		this.loops = people.map(async (person, index) => {
			for (let n = 0; !this.stopped; n++) {
				const text = `${name} ${index} ${n}`;
				await person.sendText(MINE, text);
				this.sent.push(text);
				await delay(20);
			}
		});
	}

	/** Resolves when so many more were heard. */
	async goesOn(count = 30): Promise<void> {
		const before = this.of(TRIGGERS[0]!).length;
		await until('more messages', () => this.of(TRIGGERS[0]!).length >= before + count, 40_000);
	}

	async stop(): Promise<void> {
		this.stopped = true;
		await Promise.all(this.loops);
		for (const trigger of TRIGGERS) {
			await until(
				`all of them in ${trigger}`,
				() => new Set(this.of(trigger).map(({ text }) => text)).size >= this.sent.length,
				60_000,
			);
		}
	}

	of(trigger: string) {
		return heard(trigger).filter(({ text }) => text?.startsWith(`${this.name} `));
	}

	/** Texts that more than one execution worked on, and in which attempts. */
	doubled(trigger: string): Map<string, number[]> {
		const attempts = new Map<string, number[]>();
		for (const { text, attempt } of this.of(trigger)) {
			attempts.set(String(text), [...(attempts.get(String(text)) ?? []), attempt]);
		}
		return new Map([...attempts].filter(([, all]) => all.length > 1));
	}
}

beforeAll(async () => {
	[server, redis] = await Promise.all([WhatsAppServer.start(), RedisServer.start({ aof: true })]);
	const me = await server.phone(MINE, { name: 'Me' });
	people = await Promise.all(
		[1, 2, 3].map(async (n) => server.phone(`+1 555 010 011${n}`, { name: `Person ${n}` })),
	);
	worker = await start();
	const offer = await worker.run(ACCOUNT, 'session.getQr');
	await me.scan(String(offer.qr));
	await worker.ask('open', { account: ACCOUNT });
	await until('the link', async () => {
		const { session } = await worker.ask('look', { account: ACCOUNT });
		return session === 'open';
	});
});

afterAll(async () => {
	await Promise.all(mains.map(async (each) => await each.end('SIGKILL')));
	await Promise.all([server?.stop(), redis?.close()]);
	expect(server.failures).toEqual([]);
});

/** Three changes of the leader while messages come; how one is made is the caller's. */
async function changes(
	name: string,
	change: (from: N8nProcess, to: N8nProcess, traffic: Traffic) => Promise<void>,
): Promise<void> {
	const [one, two] = [await start(), await start()];
	await takeOver(one);
	const traffic = new Traffic(name);
	await traffic.goesOn();
	for (const [from, to] of [
		[one, two],
		[two, one],
		[one, two],
	] as const) {
		await change(from, to, traffic);
		await traffic.goesOn();
	}
	await traffic.stop();
	for (const trigger of TRIGGERS) expect(traffic.doubled(trigger)).toEqual(new Map());
	await stepDown(two);
}

test('one steps down, another takes over: each message starts one execution of each workflow', async () => {
	await changes('turn', async (from, to) => {
		await stepDown(from);
		await takeOver(to);
	});
});

test('both are active for a moment: still one execution for each message and workflow', async () => {
	await changes('overlap', async (from, to, traffic) => {
		await takeOver(to);
		await traffic.goesOn();
		await stepDown(from);
	});
});

test('the leader is killed: nothing is lost, and only what died with it runs again', async () => {
	const [one, two] = [await start(), await start()];
	await takeOver(one);
	const traffic = new Traffic('killed');
	await traffic.goesOn();
	await one.end('SIGKILL');
	await takeOver(two);
	await traffic.goesOn();
	await traffic.stop();
	for (const trigger of TRIGGERS) {
		// At most what was in flight, and every time as another attempt.
		const doubled = [...traffic.doubled(trigger).values()];
		expect(doubled.length).toBeLessThanOrEqual(5);
		for (const attempts of doubled) expect(attempts).toEqual([1, 2]);
	}
	await stepDown(two);
});

test('a leader that slept is replaced, and knows it only some time after it woke up', async () => {
	const [one, two] = [await start(), await start()];
	await takeOver(one);
	const traffic = new Traffic('slept');
	await traffic.goesOn();
	one.signal('SIGSTOP');
	await takeOver(two);
	await traffic.goesOn();
	one.signal('SIGCONT');
	await traffic.goesOn();
	await stepDown(one);
	await traffic.goesOn();
	await traffic.stop();
	for (const trigger of TRIGGERS) {
		// What it was in the middle of when it fell asleep looked dead, and was done again.
		for (const attempts of traffic.doubled(trigger).values()) expect(attempts).toHaveLength(2);
		expect(traffic.doubled(trigger).size).toBeLessThanOrEqual(5);
	}
	await stepDown(two);
});
