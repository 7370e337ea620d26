/**
 * One sender of the bench, a process of its own, so that a bare Baileys is really bare: our
 * signatures and sender keys replace libsignal's in the whole process. A text counts as sent when
 * the server has acknowledged it.
 */
import * as tls from 'node:tls';
import { silentLog } from '../../src/log';
import type { JsonObject } from '../../src/operations';
import type { Target } from '../whatsapp/testing/client';

export type Kind = 'ours' | 'ours-redis' | 'memory' | 'files';

export interface SendingOrders {
	kind: Kind;
	folder: string;
	redisUrl: string;
	target: { url: string; rootKey: string; caPem: string };
	/** LIDs of the people who are written to. */
	chats: string[];
}

/** One round: so many texts, to so many chats at the same time, in each one after the other. */
export interface SendingRound {
	texts: number;
	chats: number;
}

export type SendingNews =
	{ qr: string } | { open: true } | { ms: number; times: number[]; cpuMs: number };

type Send = (chat: string, text: string) => Promise<void>;

const orders = JSON.parse(process.env.SENDER ?? '{}') as SendingOrders;
const tell = (news: SendingNews) => process.send?.(news);

/** A bare client, reconnected after linking as Baileys wants it. */
async function bare(): Promise<Send> {
	const { makeClient } = await import('../whatsapp/testing/client.js');
	const target: Target = { ...orders.target, rootKey: Buffer.from(orders.target.rootKey, 'hex') };
	let save = async () => {};
	const options: Parameters<typeof makeClient>[1] = {};
	if (orders.kind === 'files') {
		const { useMultiFileAuthState } = await import('@whiskeysockets/baileys');
		const { state, saveCreds } = await useMultiFileAuthState(orders.folder);
		options.auth = state as NonNullable<typeof options.auth>;
		save = saveCreds;
	}
	const first = await makeClient(target, options);
	first.socket.ev.on('creds.update', () => void save());
	tell({ qr: await first.qr() });
	await first.closed();
	await first.stop();
	const client = await makeClient(target, { auth: first.auth });
	client.socket.ev.on('creds.update', () => void save());
	await client.opened();
	const waiting = new Map<string, () => void>();
	const early = new Set<string>();
	client.socket.ws.on('CB:ack,class:message', ({ attrs }: { attrs: { id?: string } }) => {
		const settle = waiting.get(attrs.id ?? '');
		if (settle) settle();
		else early.add(attrs.id ?? '');
	});
	return async (chat, text) => {
		const sent = await client.socket.sendMessage(chat, { text });
		const id = sent?.key.id ?? '';
		if (early.delete(id)) return;
		await new Promise<void>((resolve) => waiting.set(id, resolve));
		waiting.delete(id);
	};
}

/** Through everything that the node goes through once it has read its fields. */
async function ours(): Promise<Send> {
	const { Runtime } = await import('../../src/runtime.js');
	const runtime = new Runtime(undefined, silentLog);
	const account = {
		account: 'bench',
		credentialName: 'bench',
		storage:
			orders.kind === 'ours'
				? { kind: 'sqlite' as const, folder: orders.folder }
				: { kind: 'redis' as const, url: orders.redisUrl },
		deviceName: 'n8n',
		options: { safetyProfile: 'off' },
	};
	let commands = 0;
	const run = async (operation: string, params: JsonObject): Promise<JsonObject> =>
		(await runtime.use(account, async (number) =>
			number.submit({
				operation,
				params,
				idempotencyKey: `bench:${++commands}`,
				deadline: Date.now() + 60_000,
			}),
		)) as JsonObject;
	const { qr } = await run('session.getQr', {});
	tell({ qr: String(qr) });
	const hold = await runtime.hold(account);
	await hold.value.session.waitFor(({ name }) => name === 'open', 30_000);
	return async (chat, text) => {
		const { status } = await run('message.sendText', { chat, text, options: {} });
		if (status !== 'accepted') throw new Error('A text was not accepted');
	};
}

async function round(send: Send, { texts, chats }: SendingRound): Promise<void> {
	const times: number[] = [];
	let next = 0;
	const begin = performance.now();
	const cpu = process.cpuUsage();
	await Promise.all(
		orders.chats.slice(0, chats).map(async (chat) => {
			while (next < texts) {
				const text = `text ${++next}`;
				const start = performance.now();
				await send(chat, text);
				times.push(performance.now() - start);
			}
		}),
	);
	const ms = performance.now() - begin;
	const { user, system } = process.cpuUsage(cpu);
	tell({ ms, times, cpuMs: (user + system) / 1_000 });
}

// As in n8n. Baileys makes an error with a stack for every frame, which source maps make dear.
process.setSourceMapsEnabled(false);
tls.setDefaultCACertificates([...tls.getCACertificates('default'), orders.target.caPem]);
process.on('disconnect', () => process.exit(0));
void (orders.kind.startsWith('ours') ? ours() : bare()).then((send) => {
	process.on('message', (asked: SendingRound) => void round(send, asked));
	tell({ open: true });
});
