/**
 * Texts through our whole outbound path against a bare Baileys socket's sendMessage, on the same
 * stand-in in the same run, taking turns, each with a recipient of its own. A text counts as sent
 * when the server has acknowledged it. The measure is the ratio; absolute figures belong to the
 * machine, which also runs the stand-in and the phones.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { silentLog } from '../../src/log';
import type { JsonObject } from '../../src/operations';
import { Runtime } from '../../src/runtime';
import { WhatsAppServer } from '../whatsapp';
import { makeClient, type ClientOptions } from '../whatsapp/testing/client';

const ROUNDS = 6;
const WARM_UP = 20;
const TEXTS = Number(process.env.BENCH_TEXTS ?? 50);

interface Contender {
	name: string;
	send(text: string): Promise<unknown>;
	stop(): Promise<void>;
	/** Milliseconds of every text. */
	times: number[];
	/** Texts a second of every round. */
	rounds: number[];
}

/** A bare client that was linked, and reconnected after linking as Baileys wants it. */
async function bare(
	server: WhatsAppServer,
	[own, other]: [string, string],
	folder?: string,
): Promise<Contender> {
	const phone = await server.phone(own);
	const to = (await server.phone(other)).lid;
	const options: ClientOptions = {};
	let save = async () => {};
	if (folder) {
		const { useMultiFileAuthState } = await import('@whiskeysockets/baileys');
		const { state, saveCreds } = await useMultiFileAuthState(folder);
		options.auth = state as ClientOptions['auth'];
		save = saveCreds;
	}
	const first = await makeClient(server, options);
	first.socket.ev.on('creds.update', () => void save());
	await phone.scan(await first.qr());
	await first.closed();
	await first.stop();
	const client = await makeClient(server, { auth: first.auth });
	client.socket.ev.on('creds.update', () => void save());
	await client.opened();
	return {
		name: folder ? 'bare Baileys, multi-file auth' : 'bare Baileys, in-memory auth',
		send: async (text) => await client.say(to, text),
		stop: async () => await client.stop(),
		times: [],
		rounds: [],
	};
}

async function ours(
	server: WhatsAppServer,
	[own, other]: [string, string],
	folder: string,
): Promise<Contender> {
	const phone = await server.phone(own);
	const chat = (await server.phone(other)).lid;
	const runtime = new Runtime(undefined, silentLog);
	const account = {
		account: 'bench',
		credentialName: 'bench',
		storage: { kind: 'sqlite' as const, folder },
		deviceName: 'n8n',
		options: {},
	};
	let commands = 0;
	const run = async (operation: string, params: JsonObject): Promise<JsonObject> =>
		(await runtime.use(account, async (number) =>
			number.submit({
				operation,
				params,
				idempotencyKey: `bench:${++commands}`,
				deadline: Date.now() + 30_000,
			}),
		)) as JsonObject;
	const { qr } = await run('session.getQr', {});
	await phone.scan(String(qr));
	await runtime.use(account, async ({ session }) =>
		session.waitFor(({ name }) => name === 'open', 20_000),
	);
	return {
		name: 'ours, embedded storage',
		send: async (text) => {
			const { status } = await run('message.sendText', { chat, text, options: {} });
			if (status !== 'accepted') throw new Error('A text was not accepted');
		},
		stop: async () => await runtime.close(),
		times: [],
		rounds: [],
	};
}

async function round({ send, times, rounds }: Contender): Promise<void> {
	const begin = performance.now();
	for (let index = 0; index < TEXTS; index++) {
		const start = performance.now();
		await send(`text ${index}`);
		times.push(performance.now() - start);
	}
	rounds.push((1_000 * TEXTS) / (performance.now() - begin));
}

const share = (values: readonly number[], part: number): number =>
	[...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0;

/** `npm run bench -- send` */
export async function run(): Promise<void> {
	const server = await WhatsAppServer.start();
	Object.assign(process.env, server.env(), { N8N_ENCRYPTION_KEY: 'bench' });
	tls.setDefaultCACertificates([...tls.getCACertificates('default'), server.caPem]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-send-'));
	try {
		const contenders = [
			await ours(server, ['+1 555 010 0110', '+1 555 010 0120'], join(folder, 'ours')),
			await bare(server, ['+1 555 010 0111', '+1 555 010 0121']),
			await bare(server, ['+1 555 010 0112', '+1 555 010 0122'], join(folder, 'files')),
		];
		for (const { send } of contenders) {
			for (let index = 0; index < WARM_UP; index++) await send(`warm ${index}`);
		}
		for (let index = 0; index < ROUNDS; index++) {
			for (const contender of contenders) await round(contender);
		}
		const [own] = contenders;
		for (const { name, rounds, times } of contenders) {
			const ratios = rounds.map((perSecond, index) => (own?.rounds[index] ?? 0) / perSecond);
			const [p50, p99] = [share(times, 0.5), share(times, 0.99)];
			console.log(
				[
					name.padEnd(30),
					`${share(rounds, 0.5).toFixed(0).padStart(4)} texts/s`,
					`p50 ${p50.toFixed(1).padStart(5)} ms`,
					`p99 ${p99.toFixed(1).padStart(6)} ms`,
					`ours/this: ${share(ratios, 0.5).toFixed(2)} (${share(ratios, 0).toFixed(2)} to ${share(ratios, 1).toFixed(2)})`,
				].join('  '),
			);
		}
		for (const { stop } of contenders) await stop();
	} finally {
		await server.stop();
		await rm(folder, { recursive: true, force: true });
	}
}
