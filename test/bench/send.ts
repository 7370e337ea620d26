/**
 * Texts through our whole outbound path against a bare Baileys socket's sendMessage, on the same
 * stand-in in the same run, taking turns, each a process of its own with recipients of its own. A
 * text counts as sent when the server has acknowledged it. The measure is the ratio, round by round;
 * absolute figures belong to the machine, which also runs the stand-in and the phones. Beside the
 * time it takes stands the processor time that the sender itself needs, which is what is left of a
 * ratio when the network is slower than loopback.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasRedis, RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import { WhatsAppServer } from '../whatsapp';
import type { Kind, SendingNews, SendingOrders, SendingRound } from './sender';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 8);
const TEXTS = Number(process.env.BENCH_TEXTS ?? 100);
const CHATS = 8;
/** `BENCH_ONLY=ours,memory` leaves the others out. */
const ONLY = (process.env.BENCH_ONLY ?? '').split(',').filter(Boolean);

const NAMES: Readonly<Record<Kind, string>> = {
	ours: 'ours, embedded storage',
	'ours-redis': 'ours, Redis',
	memory: 'bare Baileys, in-memory auth',
	files: 'bare Baileys, multi-file auth',
};

/** One person writes to another, and eight conversations at once. */
const CASES: ReadonlyArray<{ name: string; round: SendingRound }> = [
	{ name: 'one chat', round: { texts: TEXTS, chats: 1 } },
	{ name: `${CHATS} chats`, round: { texts: TEXTS * 2, chats: CHATS } },
];

interface Measured {
	perSecond: number;
	p50: number;
	p99: number;
	/** Milliseconds of processor time a text. */
	cpu: number;
}

interface Contender {
	kind: Kind;
	child: ChildProcess;
	news: SendingNews[];
}

async function contender(
	server: WhatsAppServer,
	kind: Kind,
	place: number,
	folder: string,
	redisUrl: string,
): Promise<Contender> {
	const phone = await server.phone(`+1 555 010 0${place}00`, { name: 'Me' });
	const chats: string[] = [];
	for (let n = 1; n <= CHATS; n++) {
		chats.push((await server.phone(`+1 555 010 0${place}0${n}`)).lid);
	}
	const { url, caPem, rootKey } = server;
	const orders: SendingOrders = {
		kind,
		folder,
		redisUrl,
		chats,
		target: { url, caPem, rootKey: rootKey.toString('hex') },
	};
	const child = fork(join(__dirname, 'sender.ts'), {
		execArgv: ['--import', 'tsx', ...(process.env.BENCH_EXEC?.split(' ') ?? [])],
		env: {
			...process.env,
			...server.env(),
			N8N_ENCRYPTION_KEY: 'bench',
			SENDER: JSON.stringify(orders),
		},
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	const news: SendingNews[] = [];
	child.on('message', (said: SendingNews) => news.push(said));
	const qr = await until('a QR', () => news.find((said) => 'qr' in said));
	await phone.scan((qr as { qr: string }).qr);
	await until('the connection', () => news.some((said) => 'open' in said), 60_000);
	return { kind, child, news };
}

async function measure({ child, news }: Contender, round: SendingRound): Promise<Measured> {
	news.length = 0;
	child.send(round);
	const done = await until('the texts', () => news.find((said) => 'ms' in said), 120_000);
	const { ms, times, cpuMs } = done as { ms: number; times: number[]; cpuMs: number };
	return {
		perSecond: (1_000 * round.texts) / ms,
		p50: share(times, 0.5),
		p99: share(times, 0.99),
		cpu: cpuMs / round.texts,
	};
}

const share = (values: readonly number[], part: number): number =>
	[...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0;
const median = (values: readonly number[]): number => share(values, 0.5);

/** What every contender measured, and ours against it, in the same rounds. */
function report(name: string, found: ReadonlyMap<Kind, Measured[]>): void {
	const own = found.get('ours') ?? [];
	for (const [kind, rounds] of found) {
		const ratio = (of: (one: Measured) => number) =>
			median(rounds.map((each, index) => of(own[index] ?? each) / of(each))).toFixed(2);
		const of = (pick: (one: Measured) => number) => median(rounds.map(pick));
		console.log(
			[
				name.padEnd(9),
				NAMES[kind].padEnd(30),
				`${of((one) => one.perSecond)
					.toFixed(0)
					.padStart(4)} texts/s`,
				`p50 ${of((one) => one.p50)
					.toFixed(1)
					.padStart(5)} ms`,
				`p99 ${of((one) => one.p99)
					.toFixed(1)
					.padStart(5)} ms`,
				`CPU ${of((one) => one.cpu)
					.toFixed(2)
					.padStart(5)} ms`,
				`ours/this: ${ratio((one) => one.perSecond)} texts/s, ${ratio((one) => one.p50)} p50, ${ratio((one) => one.p99)} p99, ${ratio((one) => one.cpu)} CPU`,
			].join('  '),
		);
	}
}

/** `npm run bench -- send` */
export async function run(): Promise<void> {
	const server = await WhatsAppServer.start();
	const folder = await mkdtemp(join(tmpdir(), 'bench-send-'));
	const redis = hasRedis() ? await RedisServer.start() : undefined;
	const contenders: Contender[] = [];
	const kinds = (['ours', 'ours-redis', 'memory', 'files'] as const).filter(
		(kind) => (redis || kind !== 'ours-redis') && (ONLY.length === 0 || ONLY.includes(kind)),
	);
	try {
		for (const [index, kind] of kinds.entries()) {
			const url = `redis://127.0.0.1:${redis?.port ?? 0}`;
			contenders.push(await contender(server, kind, index + 1, join(folder, kind), url));
		}
		for (const { name, round } of CASES) {
			const found = new Map<Kind, Measured[]>(kinds.map((kind) => [kind, []]));
			for (const each of contenders) await measure(each, round);
			for (let n = 0; n < ROUNDS; n++) {
				for (const each of contenders) found.get(each.kind)?.push(await measure(each, round));
			}
			report(name, found);
		}
	} finally {
		for (const { child } of contenders) {
			if (process.env.BENCH_EXEC) child.disconnect();
			else child.kill('SIGKILL');
		}
		await server.stop();
		await redis?.close();
		await rm(folder, { recursive: true, force: true });
	}
}
