/**
 * Texts through our whole outbound path against a bare Baileys socket's sendMessage, on the same
 * stand-in in the same run, taking turns, each a process of its own with recipients of its own. A
 * text counts as sent when the server has acknowledged it. The measure is the ratio, round by round;
 * absolute figures belong to the machine, which also runs the stand-in and the phones. Beside the
 * time it takes stands the processor time that the sender itself needs, which is what is left of a
 * ratio when the network is slower than loopback, or the stand-in slower than the sender.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasRedis, RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import { WhatsAppServer } from '../whatsapp';
import { NAMES, type Kind, type LinkNews } from './client';
import { awake, startContender, stopContender, type Contender } from './contender';
import type { SendingNews, SendingRound } from './sender';
import { median, share, spread } from './spread';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const TEXTS = Number(process.env.BENCH_TEXTS ?? 300);
/** A client runs for weeks, and more code takes longer to be compiled. */
const WARM_UP = Number(process.env.BENCH_WARM_UP ?? 2000);
const CHATS = 8;
const MEMBERS = 4;
/** `BENCH_ONLY=ours,memory` leaves the others out. */
const ONLY = (process.env.BENCH_ONLY ?? '').split(',').filter(Boolean);
/** `BENCH_PLACES=chat,group` leaves the eight chats out. */
const PLACES = process.env.BENCH_PLACES?.split(',') ?? ['chat', 'chats', 'group'];

interface Sender extends Contender<SendingNews | LinkNews> {
	kind: Kind;
	people: string[];
	group: string;
}

/** One person writes to another, eight conversations at once, and one group. */
const CASES: ReadonlyArray<{
	place: string;
	name: string;
	round(sender: Sender): SendingRound;
}> = [
	{
		place: 'chat',
		name: 'one chat',
		round: ({ people }) => ({ texts: TEXTS, chats: people.slice(0, 1) }),
	},
	{
		place: 'chats',
		name: `${CHATS} chats`,
		round: ({ people }) => ({ texts: TEXTS * 2, chats: people }),
	},
	{ place: 'group', name: 'a group', round: ({ group }) => ({ texts: TEXTS, chats: [group] }) },
];

interface Measured {
	perSecond: number;
	p50: number;
	p99: number;
	/** Milliseconds of processor time a text; `user` without what the kernel does. */
	cpu: number;
	user: number;
	/** The stand-in and the phones, in a round of its own in which it may sleep. */
	standIn: number;
}

async function sender(
	server: WhatsAppServer,
	kind: Kind,
	place: number,
	folder: string,
	redisUrl: string,
): Promise<Sender> {
	const phone = await server.phone(`+1 555 010 0${place}00`, { name: 'Me' });
	const others = [];
	for (let n = 1; n <= CHATS; n++) others.push(await server.phone(`+1 555 010 0${place}0${n}`));
	const orders = { kind, folder, redisUrl };
	const started = await startContender<SendingNews>(server, 'sender.js', phone, orders);
	const group = await phone.createGroup('Bench', others.slice(0, MEMBERS));
	return { ...started, kind, people: others.map(({ lid }) => lid), group };
}

async function measure({ child, news }: Sender, round: SendingRound): Promise<Measured> {
	news.length = 0;
	const before = process.cpuUsage();
	child.send(round);
	const isDone = (said: SendingNews | LinkNews): said is SendingNews => 'ms' in said;
	const done = await until('the texts', () => news.find(isDone), 120_000);
	const { user, system } = process.cpuUsage(before);
	return {
		perSecond: (1_000 * round.texts) / done.ms,
		p50: share(done.times, 0.5),
		p99: share(done.times, 0.99),
		cpu: done.cpuMs / round.texts,
		user: done.userMs / round.texts,
		standIn: (user + system) / 1_000 / round.texts,
	};
}

/** What every contender measured, and ours against it, in the same rounds. */
function report(
	name: string,
	found: ReadonlyMap<Kind, Measured[]>,
	standIn: ReadonlyMap<Kind, number>,
): void {
	const own = found.get('ours') ?? [];
	for (const [kind, rounds] of found) {
		const of = (pick: (one: Measured) => number) => median(rounds.map(pick));
		const ratio = (pick: (one: Measured) => number) =>
			spread(
				rounds.map((each, index) => pick(own[index] ?? each) / pick(each)),
				2,
			);
		const columns = [
			name.padEnd(8),
			NAMES[kind].padEnd(29),
			`${of((one) => one.perSecond)
				.toFixed(0)
				.padStart(4)}/s`,
			`p50 ${of((one) => one.p50)
				.toFixed(1)
				.padStart(4)} ms`,
			`p99 ${of((one) => one.p99)
				.toFixed(1)
				.padStart(4)} ms`,
			`CPU ${of((one) => one.cpu).toFixed(2)} ms, ${of((one) => one.user).toFixed(2)} user`,
			`stand-in ${(standIn.get(kind) ?? 0).toFixed(2)} ms`,
		];
		if (kind !== 'ours') {
			columns.push(
				`ours/this: texts/s ${ratio((one) => one.perSecond)}, CPU ${ratio((one) => one.cpu)}`,
			);
		}
		console.log(columns.join('  '));
	}
}

/** `npm run bench -- send` */
export async function run(): Promise<void> {
	const server = await WhatsAppServer.start();
	const folder = await mkdtemp(join(tmpdir(), 'bench-send-'));
	const redis = hasRedis() ? await RedisServer.start() : undefined;
	const senders: Sender[] = [];
	const kinds = (['ours', 'ours-redis', 'memory', 'files'] as const).filter(
		(kind) => (redis || kind !== 'ours-redis') && (ONLY.length === 0 || ONLY.includes(kind)),
	);
	try {
		for (const [index, kind] of kinds.entries()) {
			const url = `redis://127.0.0.1:${redis?.port ?? 0}`;
			senders.push(await sender(server, kind, index + 1, join(folder, kind), url));
		}
		for (const each of senders) {
			await measure(each, { texts: WARM_UP, chats: each.people.slice(0, 1) });
		}
		for (const { name, round } of CASES.filter(({ place }) => PLACES.includes(place))) {
			const found = new Map<Kind, Measured[]>(kinds.map((kind) => [kind, []]));
			const standIn = new Map<Kind, number>();
			for (const each of senders) {
				await measure(each, { ...round(each), texts: Math.ceil(WARM_UP / 4) });
				standIn.set(each.kind, (await measure(each, round(each))).standIn);
			}
			for (let n = 0; n < ROUNDS; n++) {
				for (const each of senders) {
					const measured = await awake(async () => await measure(each, round(each)));
					found.get(each.kind)?.push(measured);
				}
			}
			report(name, found, standIn);
		}
	} finally {
		for (const each of senders) stopContender(each);
		await server.stop();
		await redis?.close();
		await rm(folder, { recursive: true, force: true });
	}
}
