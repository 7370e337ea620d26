/**
 * Messages through our whole inbound path (journal, inbox, delivery, claim) against a bare Baileys
 * socket with a handler, direct and in a group, on the same stand-in in the same run, taking turns.
 * The line is held while the phones write, so that what is measured is receiving, not writing. The
 * measure is the ratio; absolute figures belong to the machine, which also runs the stand-in.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../helpers/until';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { NAMES, type Kind, type LinkNews } from './client';
import { awake, startContender, stopContender, type Contender } from './contender';
import type { ReceivingNews } from './receiver';
import { median, spread } from './spread';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 400);
const WARM_UP = Number(process.env.BENCH_WARM_UP ?? 2000);
/** `BENCH_ONLY=ours,memory` leaves the others out. */
const ONLY = (process.env.BENCH_ONLY ?? '').split(',').filter(Boolean);
/** `BENCH_PLACES=direct` leaves the group out. */
const PLACES = (process.env.BENCH_PLACES?.split(',') ?? ['direct', 'group']) as Where[];

/** Of every round: messages a second, and CPU milliseconds a message. */
interface Figures {
	rates: number[];
	cpu: number[];
	user: number[];
}

type Where = 'direct' | 'group';

interface Receiver extends Contender<ReceivingNews | LinkNews> {
	kind: Kind;
	writer: Phone;
	/** Where to write to: the number, and a group with it. */
	places: Record<Where, string>;
	rounds: Record<Where, Figures>;
}

const none = (): Figures => ({ rates: [], cpu: [], user: [] });

async function receiver(
	server: WhatsAppServer,
	kind: Kind,
	place: number,
	folder: string,
): Promise<Receiver> {
	const own = `+1 555 010 01${place}0`;
	const phone = await server.phone(own, { name: 'Me' });
	const writer = await server.phone(`+1 555 010 01${place}1`, { name: 'Writer' });
	const orders = { kind, folder };
	const started = await startContender<ReceivingNews>(server, 'receiver.js', phone, orders);
	const group = await writer.createGroup('Bench', [phone]);
	const rounds = { direct: none(), group: none() };
	return { ...started, kind, writer, places: { direct: own, group }, rounds };
}

type Done = Extract<ReceivingNews, { ms: number }>;

async function round(
	server: WhatsAppServer,
	{ child, news, writer, places, rounds }: Receiver,
	where: Where,
	count: number,
	keep: boolean,
): Promise<void> {
	news.length = 0;
	child.send({ expect: count });
	await until('the receiver', () => news.some((said) => 'ready' in said));
	server.hang();
	for (let n = 0; n < count; n++) await writer.sendText(places[where], `message ${n}`);
	const done = await awake(async () => {
		server.resume();
		const isDone = (said: ReceivingNews | LinkNews): said is Done => 'ms' in said;
		return await until('the messages', () => news.find(isDone), 120_000);
	});
	if (!keep) return;
	rounds[where].rates.push((1_000 * count) / done.ms);
	rounds[where].cpu.push(done.cpuMs / count);
	rounds[where].user.push(done.userMs / count);
}

function report(receivers: readonly Receiver[], where: Where): void {
	const own = receivers.find(({ kind }) => kind === 'ours')?.rounds[where];
	for (const { kind, rounds } of receivers) {
		const { rates, cpu, user } = rounds[where];
		const ratio = (ours: number[] = [], others: number[]) =>
			spread(
				others.map((each, n) => (ours[n] ?? 0) / each),
				2,
			);
		const columns = [
			where.padEnd(6),
			NAMES[kind].padEnd(29),
			`${median(rates).toFixed(0).padStart(4)} messages/s`,
			`CPU ${median(cpu).toFixed(2)} ms, ${median(user).toFixed(2)} user`,
		];
		if (kind !== 'ours') {
			columns.push(
				`ours/this: messages/s ${ratio(own?.rates, rates)}, CPU ${ratio(own?.cpu, cpu)}`,
			);
		}
		console.log(columns.join('  '));
	}
}

/** `npm run bench -- receive` */
export async function run(): Promise<void> {
	const server = await WhatsAppServer.start();
	const folder = await mkdtemp(join(tmpdir(), 'bench-receive-'));
	const receivers: Receiver[] = [];
	const kinds = (['ours', 'memory', 'files'] as const).filter(
		(kind) => ONLY.length === 0 || ONLY.includes(kind),
	);
	try {
		for (const [place, kind] of kinds.entries()) {
			receivers.push(await receiver(server, kind, place + 1, join(folder, kind)));
		}
		for (const each of receivers) {
			// Until the code is compiled and all sessions are there.
			for (const where of PLACES) await round(server, each, where, WARM_UP, false);
		}
		for (const where of PLACES) {
			for (let n = 0; n < ROUNDS; n++) {
				for (const each of receivers) await round(server, each, where, MESSAGES, true);
			}
			report(receivers, where);
		}
	} finally {
		for (const each of receivers) stopContender(each);
		await server.stop();
		await rm(folder, { recursive: true, force: true });
	}
}
