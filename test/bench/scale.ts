/**
 * What numbers cost and how fast commands travel: `npm run bench -- scale [numbers]`. Starts its own
 * Redis, stand-in server and processes; all of them share this machine's cores.
 */
import { silentLog } from '../../src/log';
import { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import { RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import { N8nProcess } from '../processes/process';
import { WhatsAppServer } from '../whatsapp';

const IDLE_MS = 20_000;
const PATIENCE_MS = 10 * 60_000;

const pause = async () => await new Promise((resolve) => setTimeout(resolve, IDLE_MS));

export async function run(): Promise<void> {
	const count = Number(process.argv[2] ?? 50);
	const [server, redis] = await Promise.all([WhatsAppServer.start(), RedisServer.start()]);
	const processes: N8nProcess[] = [];
	try {
		const start = async () => {
			const started = await N8nProcess.start({
				storage: { kind: 'redis', url: redis.url },
				env: server.env(),
			});
			processes.push(started);
			return started;
		};
		const accounts = Array.from({ length: count }, (_, n) => `number-${n}`);
		await link(await start(), server, accounts);
		await processes[0]?.end();
		await numbers(await start(), accounts);
		await commands(redis.url, accounts[0] ?? '');
	} finally {
		await Promise.all(processes.map(async (each) => await each.end('SIGKILL')));
		await Promise.all([server.stop(), redis.close()]);
	}
}

async function link(linker: N8nProcess, server: WhatsAppServer, accounts: string[]): Promise<void> {
	for (const [n, account] of accounts.entries()) {
		const phone = await server.phone(`+1 555 010 ${String(1000 + n)}`, { name: account });
		const offer = await linker.run(account, 'session.getQr');
		await phone.scan(String(offer.qr));
		await until(
			`the link of ${account}`,
			async () => {
				const { state } = await linker.run(account, 'session.getStatus');
				return state === 'open';
			},
			60_000,
		);
	}
}

/** One process, all numbers: how long until they are open, what they hold and what they use. */
async function numbers(holder: N8nProcess, accounts: string[]): Promise<void> {
	const isOpen = async (account: string) =>
		(await holder.ask('look', { account })).session === 'open';
	const [first = '', ...rest] = accounts;
	// The first one pays for loading Baileys and BullMQ.
	await holder.ask('open', { account: first });
	await until('the first number', async () => await isOpen(first), PATIENCE_MS);
	await holder.ask('cost', {});
	await pause();
	const one = await holder.ask('cost', {});

	const since = performance.now();
	for (const account of rest) await holder.ask('open', { account });
	await until(
		'all numbers',
		async () => (await Promise.all(rest.map(isOpen))).every((open) => open),
		PATIENCE_MS,
	);
	const took = performance.now() - since;
	const all = await holder.ask('cost', {});
	await pause();
	const idle = await holder.ask('cost', {});

	const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
	const cpu = ((idle.cpuMs - all.cpuMs) / IDLE_MS) * 100;
	console.log(`numbers in one process          ${accounts.length}`);
	console.log(`until all are open              ${(took / 1000).toFixed(1)} s`);
	console.log(`memory with one number          ${mb(one.rss)}`);
	console.log(`memory with all, idle           ${mb(idle.rss)}`);
	if (rest.length > 0) {
		const each = (what: 'rss' | 'used') => mb((idle[what] - one[what]) / rest.length);
		console.log(`each further number             ${each('rss')} RSS, ${each('used')} in use`);
	}
	console.log(`CPU idle, of one core           ${cpu.toFixed(1)} %`);
	console.log(`CPU idle of each number         ${(cpu / accounts.length).toFixed(2)} %`);
}

/** The same command to a number of this process and to one of another process. */
async function commands(url: string, elsewhere: string): Promise<void> {
	process.env.N8N_ENCRYPTION_KEY = 'test key';
	const runtime = new Runtime(undefined, silentLog);
	const settings = (account: string): AccountSettings => ({
		account,
		credentialName: account,
		storage: { kind: 'redis', url },
		deviceName: 'n8n',
		options: { safetyProfile: 'off' },
	});
	try {
		await measure('direct', runtime, settings('of-this-process'));
		await measure('through BullMQ', runtime, settings(elsewhere));
	} finally {
		await runtime.close();
	}
}

async function measure(name: string, runtime: Runtime, settings: AccountSettings): Promise<void> {
	const hold = await runtime.hold(settings);
	let key = 0;
	const ask = async () =>
		await hold.value.submit({
			// Only looks whether it was done before: the way there and back, and one value from Redis.
			operation: 'message.sendText',
			params: {},
			recall: true,
			idempotencyKey: `${name} ${++key}`,
			deadline: Date.now() + 60_000,
		});
	try {
		for (let n = 0; n < 100; n++) await ask();
		const times: number[] = [];
		for (let n = 0; n < 1_000; n++) {
			const since = performance.now();
			await ask();
			times.push(performance.now() - since);
		}
		times.sort((a, b) => a - b);
		const since = performance.now();
		for (let round = 0; round < 20; round++) {
			await Promise.all(Array.from({ length: 100 }, async () => await ask()));
		}
		const rate = 2_000 / ((performance.now() - since) / 1000);
		const at = (share: number) => `${(times[Math.floor(times.length * share)] ?? 0).toFixed(2)} ms`;
		console.log(
			`${name.padEnd(16)} p50 ${at(0.5)}  p95 ${at(0.95)}  100 at once: ${rate.toFixed(0)}/s`,
		);
	} finally {
		hold.release();
	}
}
