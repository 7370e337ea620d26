/**
 * Messages through our whole inbound path (journal, inbox, delivery, claim) against a bare Baileys
 * socket with a handler, direct and in a group, on the same stand-in in the same run, taking turns.
 * The line is held while the phones write, so that what is measured is receiving, not writing. The
 * measure is the ratio; absolute figures belong to the machine, which also runs the stand-in.
 *
 * Then 100 000 messages through everything behind the socket: memory has to stay flat.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../helpers/until';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { memoryRun } from './receiveMemory';
import type { Kind, News, Orders } from './receiver';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 200);
const WARM_UP = Number(process.env.BENCH_WARM_UP ?? 400);
const THROUGH = Number(process.env.BENCH_EVENTS ?? 100_000);

const NAMES: Readonly<Record<Kind, string>> = {
	ours: 'ours, embedded storage',
	memory: 'bare Baileys, in-memory auth',
	files: 'bare Baileys, multi-file auth',
};

/** Of every round: messages a second, and CPU milliseconds a message. */
interface Figures {
	rates: number[];
	cpu: number[];
}

interface Contender {
	kind: Kind;
	child: ChildProcess;
	news: News[];
	writer: Phone;
	/** Where to write to: the number, and a group with it. */
	places: { direct: string; group: string };
	rounds: { direct: Figures; group: Figures };
}

async function contender(
	server: WhatsAppServer,
	kind: Kind,
	place: number,
	folder: string,
): Promise<Contender> {
	const own = `+1 555 010 01${place}0`;
	const phone = await server.phone(own, { name: 'Me' });
	const writer = await server.phone(`+1 555 010 01${place}1`, { name: 'Writer' });
	const { url, caPem, rootKey } = server;
	const orders: Orders = {
		kind,
		folder,
		target: { url, caPem, rootKey: rootKey.toString('hex') },
	};
	const child = fork(join(__dirname, 'receiver.ts'), {
		execArgv: ['--import', 'tsx'],
		env: {
			...process.env,
			...server.env(),
			N8N_ENCRYPTION_KEY: 'bench',
			RECEIVER: JSON.stringify(orders),
		},
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	const news: News[] = [];
	child.on('message', (said: News) => news.push(said));
	const qr = await until('a QR', () => news.find((said) => 'qr' in said));
	await phone.scan((qr as { qr: string }).qr);
	await until('the connection', () => news.some((said) => 'open' in said), 60_000);
	const group = await writer.createGroup('Bench', [phone]);
	const rounds = { direct: { rates: [], cpu: [] }, group: { rates: [], cpu: [] } };
	return { kind, child, news, writer, places: { direct: own, group }, rounds };
}

async function round(
	server: WhatsAppServer,
	{ child, news, writer, places, rounds }: Contender,
	where: 'direct' | 'group',
	count: number,
	keep: boolean,
): Promise<void> {
	news.length = 0;
	child.send({ expect: count });
	await until('the receiver', () => news.some((said) => 'ready' in said));
	server.hang();
	for (let n = 0; n < count; n++) await writer.sendText(places[where], `message ${n}`);
	server.resume();
	const done = await until('the messages', () => news.find((said) => 'ms' in said), 120_000);
	if (!keep) return;
	rounds[where].rates.push((1_000 * count) / done.ms);
	rounds[where].cpu.push(done.cpuMs / count);
}

const share = (values: readonly number[], part: number): number =>
	[...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0;

function report(contenders: readonly Contender[], where: 'direct' | 'group'): void {
	const own = contenders.find(({ kind }) => kind === 'ours');
	for (const { kind, rounds } of contenders) {
		const { rates, cpu } = rounds[where];
		const ratios = rates.map((rate, n) => (own?.rounds[where].rates[n] ?? 0) / rate);
		console.log(
			[
				where.padEnd(6),
				NAMES[kind].padEnd(30),
				`${share(rates, 0.5).toFixed(0).padStart(5)} messages/s`,
				`${share(cpu, 0.5).toFixed(2).padStart(6)} ms CPU a message`,
				`ours/this: ${share(ratios, 0.5).toFixed(2)} (${share(ratios, 0).toFixed(2)} to ${share(ratios, 1).toFixed(2)})`,
			].join('  '),
		);
	}
}

/** `npm run bench -- receive` */
export async function run(): Promise<void> {
	const server = await WhatsAppServer.start();
	const folder = await mkdtemp(join(tmpdir(), 'bench-receive-'));
	const contenders: Contender[] = [];
	try {
		for (const [place, kind] of (['ours', 'memory', 'files'] as const).entries()) {
			contenders.push(await contender(server, kind, place + 1, join(folder, kind)));
		}
		for (const each of contenders) {
			// Until the code is compiled and all sessions are there.
			await round(server, each, 'direct', WARM_UP, false);
			await round(server, each, 'group', WARM_UP, false);
		}
		for (const where of ['direct', 'group'] as const) {
			for (let n = 0; n < ROUNDS; n++) {
				for (const each of contenders) await round(server, each, where, MESSAGES, true);
			}
			report(contenders, where);
		}
	} finally {
		for (const { child } of contenders) child.kill('SIGKILL');
		await server.stop();
		await rm(folder, { recursive: true, force: true });
	}
	if (THROUGH > 0) await memoryRun(THROUGH, (line) => console.log(line));
}
