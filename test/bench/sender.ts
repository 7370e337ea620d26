/**
 * One sender of the bench. A text counts as sent when the server has acknowledged it.
 */
import { silentLog } from '../../src/log';
import type { JsonObject } from '../../src/operations';
import { cpu, isOurs, linkBare, ourAccount, prepare, tell } from './client';

/** One round: so many texts, to these chats at the same time, in each one after the other. */
export interface SendingRound {
	texts: number;
	/** Addresses of people or groups. */
	chats: string[];
}

export interface SendingNews {
	ms: number;
	times: number[];
	cpuMs: number;
	userMs: number;
}

type Send = (chat: string, text: string) => Promise<void>;

async function bare(): Promise<Send> {
	const client = await linkBare();
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
	const account = ourAccount();
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
	const before = process.cpuUsage();
	await Promise.all(
		chats.map(async (chat) => {
			while (next < texts) {
				const text = `text ${++next}`;
				const start = performance.now();
				await send(chat, text);
				times.push(performance.now() - start);
			}
		}),
	);
	const ms = performance.now() - begin;
	tell({ ms, times, ...cpu(before) } satisfies SendingNews);
}

prepare();
void (isOurs() ? ours() : bare()).then((send) => {
	process.on('message', (asked: SendingRound) => void round(send, asked));
	tell({ open: true });
});
