/**
 * One number, several n8n processes: real ones, on a real Redis. What takes time is printed, not
 * asserted; the product's promise is 15 s after kill -9 and 2 s after an orderly stop.
 */
import { N8nProcess } from '../processes/process';
import { RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import { WhatsAppServer, type Phone } from '../whatsapp';

/** Four processes start, and takeovers wait for leases to run out. */
jest.setTimeout(180_000);

const ACCOUNT = 'number-1';
const TRIGGER = 'workflow/trigger';
const MINE = '+1 555 010 0100';
const DEVICE = '15550100100:1';

let server: WhatsAppServer;
let redis: RedisServer;
let me: Phone;
let anna: Phone;
const processes: N8nProcess[] = [];
/** Whether the process that linked the number owned it before its end in good order, and after. */
let wasOwner: boolean;
let stayedOwner: boolean;

async function start(): Promise<N8nProcess> {
	const started = await N8nProcess.start({
		storage: { kind: 'redis', url: redis.url },
		env: server.env(),
	});
	processes.push(started);
	return started;
}

/** The process that owns the number, with its connection open. */
async function owner(among: N8nProcess[]): Promise<N8nProcess> {
	return await until(
		'an owner with an open connection',
		async () => {
			for (const each of among.filter(({ running }) => running)) {
				const { session, ownership } = await each.ask('look', { account: ACCOUNT });
				if (session === 'open' && ownership === 'held') return each;
			}
			return undefined;
		},
		40_000,
	);
}

/** How often the linked device has logged in. */
const logins = () => server.count('passive/active', DEVICE);

/** Whether Redis has the number as this process's. */
const isOwner = ({ pid }: N8nProcess) =>
	redis.cli('HGET', `whatsapp-linked:{${ACCOUNT}}:lease`, 'holder').split(':').includes(`${pid}`);

/** Texts that Anna got, each as often as her phone shows it. */
const texts = () => anna.messages.map(({ text }) => text);

const send = async (from: N8nProcess, text: string, more = {}) =>
	await from.run(ACCOUNT, 'message.sendText', { chat: '+15550100101', text }, more);

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Changes when any stored key of the number does. */
const keysDigest = () =>
	redis.cli(
		'EVAL',
		`local names = redis.call('KEYS', ARGV[1]) table.sort(names)
		local digest = '' for _, name in ipairs(names) do
			digest = redis.sha1hex(digest .. name .. redis.call('GET', name)) end
		return digest`,
		'0',
		'whatsapp-linked:{number-1}:k:*',
	);

/** The digest once the owner has stored what it is busy with. */
async function quietDigest(): Promise<string> {
	let last = '';
	let same = 0;
	return await until('quiet keys', () => {
		const digest = keysDigest();
		same = digest === last ? same + 1 : 0;
		last = digest;
		return same >= 10 && digest;
	});
}

beforeAll(async () => {
	[server, redis] = await Promise.all([WhatsAppServer.start(), RedisServer.start()]);
	[me, anna] = await Promise.all([
		server.phone(MINE, { name: 'Me' }),
		server.phone('+1 555 010 0101', { name: 'Anna' }),
	]);
	const [first] = await Promise.all([start(), start(), start(), start()]);
	const offer = await first.run(ACCOUNT, 'session.getQr');
	await me.scan(String(offer.qr));
	await until('the link', async () => {
		const { state } = await first.run(ACCOUNT, 'session.getStatus');
		return state === 'open';
	});
	wasOwner = isOwner(first);
	await first.end();
	stayedOwner = isOwner(first);
	processes.splice(processes.indexOf(first), 1);
});

afterAll(async () => {
	await Promise.all(processes.map(async (each) => await each.end('SIGKILL')));
	await Promise.all([server?.stop(), redis?.close()]);
	expect(server.failures).toEqual([]);
});

test('a process that ends in good order gives the number up, also when nobody holds it there', () => {
	expect({ wasOwner, stayedOwner }).toEqual({ wasOwner: true, stayedOwner: false });
});

test('three processes that ask at once open one socket', async () => {
	const before = logins();
	await Promise.all(processes.map(async (each) => await each.ask('open', { account: ACCOUNT })));
	await owner(processes);
	const looks = await Promise.all(
		processes.map(async (each) => await each.ask('look', { account: ACCOUNT })),
	);
	expect(looks.map(({ ownership }) => ownership).sort()).toEqual([
		'elsewhere',
		'elsewhere',
		'held',
	]);
	expect(server.companions(MINE)).toHaveLength(1);
	expect(logins()).toBe(before + 1);
});

test('every process can send, and hears what goes wrong as if it held the socket itself', async () => {
	for (const [index, each] of processes.entries()) {
		const sent = await send(each, `from process ${index}`);
		expect(sent).toMatchObject({ status: 'accepted' });
	}
	await until('the three', () => texts().length === 3);
	expect(texts()).toEqual(['from process 0', 'from process 1', 'from process 2']);

	const other = processes[1]!;
	const absent = other.run(ACCOUNT, 'message.sendText', { chat: '+15550100199', text: 'x' });
	await expect(absent).rejects.toMatchObject({ code: 'not-on-whatsapp' });
	server.rejectNext({ to: '+1 555 010 0101', code: 479 });
	await expect(send(other, 'refused')).rejects.toMatchObject({
		code: 'rejected',
		data: { status: 479 },
	});
});

test('a repeated command is done once, whichever process repeats it', async () => {
	const [first, second] = processes as [N8nProcess, N8nProcess];
	const sent = await send(first, 'once', { key: 'same execution' });
	const again = await send(second, 'once', { key: 'same execution' });
	const [third, fourth] = await Promise.all([
		send(first, 'together', { key: 'another execution' }),
		send(second, 'together', { key: 'another execution' }),
	]);
	expect(again.messageId).toBe(sent.messageId);
	expect(fourth.messageId).toBe(third.messageId);
	await send(second, 'after that');
	await anna.waitForMessage(({ text }) => text === 'after that');
	expect(texts().filter((text) => text === 'once' || text === 'together')).toHaveLength(2);
});

test('what nobody waits for any more is not sent late', async () => {
	const held = await owner(processes);
	const other = processes.find((each) => each !== held)!;
	held.signal('SIGSTOP');
	const late = send(other, 'too late', { timeoutMs: 1_000 });
	const cancelled = send(other, 'called off', { tag: 'called off' });
	cancelled.catch(() => {});
	await expect(late).rejects.toMatchObject({ code: 'owner-unreachable' });
	await other.ask('cancel', { tag: 'called off' });
	await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
	held.signal('SIGCONT');

	// While the owner reconnects, a command waits inside it.
	server.hang();
	server.dropConnections(MINE);
	const inside = send(other, 'called off inside', { tag: 'inside' });
	inside.catch(() => {});
	await until('the command at the owner', async () => {
		const { queues } = await other.run(ACCOUNT, 'session.getStatus');
		return (queues as { commandsUnderWay?: number } | null)?.commandsUnderWay;
	});
	await other.ask('cancel', { tag: 'inside' });
	await expect(inside).rejects.toMatchObject({ code: 'cancelled' });
	server.resume();

	await send(other, 'in time');
	await anna.waitForMessage(({ text }) => text === 'in time');
	expect(texts()).not.toContain('too late');
	expect(texts()).not.toContain('called off');
	expect(texts()).not.toContain('called off inside');
});

test('an orderly stop hands the number over at once; a trigger elsewhere hears on', async () => {
	const held = await owner(processes);
	const [listening, third] = processes.filter((each) => each !== held) as [N8nProcess, N8nProcess];
	await listening.ask('listen', { account: ACCOUNT, trigger: TRIGGER });
	await anna.sendText(MINE, 'before');
	await until('the first event', () => listening.heard(TRIGGER).includes('before'));

	const since = Date.now();
	const ending = held.end('SIGTERM');
	const sent = send(third, 'through the change');
	await anna.sendText(MINE, 'during');
	await ending;
	// Given up, not left to run out.
	expect(isOwner(held)).toBe(false);
	const next = await owner([listening, third]);
	console.log(`takeover after SIGTERM: ${seconds(since)}`);
	await expect(sent).resolves.toMatchObject({ status: 'accepted' });
	await anna.sendText(MINE, 'after');
	await until('all events', () => listening.heard(TRIGGER).length >= 3);
	expect(listening.heard(TRIGGER)).toEqual(['before', 'during', 'after']);
	expect(texts().filter((text) => text === 'through the change')).toHaveLength(1);
	expect(server.companions(MINE)).toHaveLength(1);
	expect(next.running).toBe(true);
});

test('after kill -9 another process goes on: nothing is lost, nothing is sent twice', async () => {
	const spare = start();
	const held = await owner(processes);
	const other = processes.find((each) => each !== held && each.running)!;
	await other.ask('listen', { account: ACCOUNT, trigger: TRIGGER });

	// A message is out, and its owner dies before it hears that.
	server.withholdAcks();
	const sent = send(other, 'sent by the dead', { key: 'killed execution' });
	await anna.waitForMessage(({ text }) => text === 'sent by the dead');
	const since = Date.now();
	await held.end('SIGKILL');
	server.withholdAcks(false);
	const waiting = send(other, 'asked while nobody owned it');
	await anna.sendText(MINE, 'nobody is there');

	await owner([other]);
	console.log(`takeover after kill -9: ${seconds(since)}`);
	await expect(sent).resolves.toMatchObject({ status: 'accepted' });
	await expect(waiting).resolves.toMatchObject({ status: 'accepted' });
	await until('the event', () => other.heard(TRIGGER).includes('nobody is there'));
	await send(other, 'the last one');
	await anna.waitForMessage(({ text }) => text === 'the last one');
	expect(texts().filter((text) => text === 'sent by the dead')).toHaveLength(1);
	expect(texts().filter((text) => text === 'asked while nobody owned it')).toHaveLength(1);
	await (await spare).ask('open', { account: ACCOUNT });
});

test('an owner that slept through its lease writes no key when it wakes up', async () => {
	const sleeper = await owner(processes);
	const other = processes.find((each) => each !== sleeper && each.running)!;
	await other.ask('listen', { account: ACCOUNT, trigger: TRIGGER });
	const before = logins();
	sleeper.signal('SIGSTOP');
	// It lies in the sleeper's socket, to be decrypted and stored when it wakes up.
	await anna.sendText(MINE, 'into its sleep');
	const next = await owner([other]);
	await until('the new owner to hear it', () => next.heard(TRIGGER).includes('into its sleep'));
	await send(next, 'by the new owner');
	await anna.waitForMessage(({ text }) => text === 'by the new owner');
	expect(logins()).toBe(before + 1);

	const keys = await quietDigest();
	sleeper.signal('SIGCONT');
	await until('the old owner to know', async () => {
		const { ownership } = await sleeper.ask('look', { account: ACCOUNT });
		return ownership === 'elsewhere';
	});
	expect(keysDigest()).toBe(keys);
	await send(sleeper, 'through the new owner');
	await anna.waitForMessage(({ text }) => text === 'through the new owner');
	// Nobody threw anybody out, and nothing was heard twice.
	expect(logins()).toBe(before + 1);
	expect(await next.ask('look', { account: ACCOUNT })).toEqual({
		session: 'open',
		ownership: 'held',
	});
	expect(next.heard(TRIGGER).filter((text) => text === 'into its sleep')).toHaveLength(1);
});

test('what an owner was in the middle of when it fell asleep is done once', async () => {
	const sleeper = await owner(processes);
	const other = processes.find((each) => each !== sleeper && each.running)!;
	server.withholdAcks();
	const sent = send(sleeper, 'half done', { timeoutMs: 50_000 });
	await anna.waitForMessage(({ text }) => text === 'half done');
	sleeper.signal('SIGSTOP');
	const asked = send(sleeper, 'asked in its sleep');
	server.withholdAcks(false);
	await owner([other]);
	sleeper.signal('SIGCONT');
	await expect(sent).resolves.toMatchObject({ status: 'accepted' });
	await expect(asked).resolves.toMatchObject({ status: 'accepted' });
	await send(sleeper, 'the end');
	await anna.waitForMessage(({ text }) => text === 'the end');
	expect(texts().filter((text) => text === 'half done')).toHaveLength(1);
	expect(texts().filter((text) => text === 'asked in its sleep')).toHaveLength(1);
});
