/**
 * A client of the bench in a process of its own, ours or a bare Baileys, seen from the process that
 * measures, which is also the one of the stand-in.
 */
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { until } from '../helpers/until';
import type { Phone, WhatsAppServer } from '../whatsapp';
import type { LinkNews, Orders } from './client';

export interface Contender<News> {
	child: ChildProcess;
	/** What it has said; empty it before asking for something. */
	news: News[];
}

const ROOT = join(__dirname, '../..');
let folder: string | undefined;

/**
 * Where the clients lie as users run them: compiled by TypeScript. The loader of the tests gives names
 * to functions whenever they are made, which would cost ours more than a Baileys that it leaves alone.
 */
function compiled(): string {
	if (folder) return folder;
	const tsc = createRequire(__filename).resolve('typescript/bin/tsc');
	execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'test/bench')], { stdio: 'inherit' });
	folder = join(ROOT, '.cache/bench/test/bench');
	return folder;
}

/**
 * Starts it and links it with this phone.
 * @param script the file beside this one, as it is compiled
 */
export async function startContender<News>(
	server: WhatsAppServer,
	script: string,
	phone: Phone,
	orders: Omit<Orders, 'target'>,
): Promise<Contender<News | LinkNews>> {
	const { url, caPem, rootKey } = server;
	const target = { url, caPem, rootKey: rootKey.toString('hex') };
	const child = fork(join(compiled(), script), {
		execArgv: process.env.BENCH_EXEC?.split(' ') ?? [],
		env: {
			...process.env,
			...server.env(),
			N8N_ENCRYPTION_KEY: 'bench',
			BENCH_ORDERS: JSON.stringify({ ...orders, target }),
		},
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	const news: Array<News | LinkNews> = [];
	child.on('message', (said: News) => news.push(said));
	const said = (what: string) => news.find((each) => what in (each as object));
	const offer = (await until('a QR', () => said('qr'), 60_000)) as { qr: string };
	await phone.scan(offer.qr);
	await until('the connection', () => said('open'), 60_000);
	return { child, news };
}

/** Ends it; with BENCH_EXEC in peace, so that it can write what was asked for there. */
export function stopContender({ child }: Pick<Contender<unknown>, 'child'>): void {
	if (process.env.BENCH_EXEC) child.disconnect();
	else child.kill('SIGKILL');
}

/**
 * Does some work without ever letting this process sleep. To wake one up can cost the one who writes
 * to it more than all of its own work (0.1 to 1 ms on a virtual machine, more the longer it slept), so
 * a client that does more between two messages would pay for the sleep of the stand-in.
 */
export async function awake<T>(work: () => Promise<T>): Promise<T> {
	let over = false;
	const turn = () => void (over || setImmediate(turn));
	turn();
	try {
		return await work();
	} finally {
		over = true;
	}
}
