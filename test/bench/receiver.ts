/**
 * One receiver of the bench. Measures from the first stanza on the socket to the last message that
 * reaches the handler (ours: that is emitted and claimed).
 */
import type { WASocket } from '@whiskeysockets/baileys';
import { silentLog } from '../../src/log';
import { cpu, isOurs, linkBare, ourAccount, prepare, tell } from './client';

export type ReceivingNews = { ms: number; cpuMs: number; userMs: number } | { ready: true };

/** The parent says how many messages come now. */
export interface Expect {
	expect: number;
}

/** Counts what the handler gets. */
class Round {
	private left = 0;
	private started = 0;
	private before = process.cpuUsage();

	begin(count: number): void {
		this.left = count;
		this.started = 0;
		tell({ ready: true } satisfies ReceivingNews);
	}

	stanza(): void {
		if (this.left === 0 || this.started > 0) return;
		this.started = performance.now();
		this.before = process.cpuUsage();
	}

	message(): void {
		if (this.left === 0 || --this.left > 0) return;
		const ms = performance.now() - this.started;
		tell({ ms, ...cpu(this.before) } satisfies ReceivingNews);
	}
}

const round = new Round();
const listen = (socket: WASocket) => socket.ws.prependListener('CB:message', () => round.stanza());

async function bare(): Promise<void> {
	const client = await linkBare();
	listen(client.socket);
	client.socket.ev.process((events) => {
		for (const { message } of events['messages.upsert']?.messages ?? []) {
			if (message?.conversation) round.message();
		}
	});
	await client.opened();
	tell({ open: true });
}

async function ours(): Promise<void> {
	const { Runtime } = await import('../../src/runtime.js');
	const runtime = new Runtime(undefined, silentLog);
	const account = ourAccount();
	const listener = runtime.listen(() => Promise.resolve(account), {
		trigger: 'bench/trigger',
		wants: ({ event }) => event === 'message.received',
		async emit(ticket) {
			if (await runtime.claim(account, ticket, ticket.seq)) round.message();
		},
		maxInFlight: 100,
		next: 'start',
		rerun: true,
	});
	await listener.started();
	const { value: number } = await runtime.hold(account);
	const { qr } = (await number.submit({
		operation: 'session.getQr',
		params: {},
		idempotencyKey: 'bench',
		deadline: Date.now() + 30_000,
	})) as { qr?: unknown };
	tell({ qr: String(qr) });
	await number.session.waitFor(({ name }) => name === 'open', 30_000);
	const socket = number.session.openSocket;
	if (socket) listen(socket);
	tell({ open: true });
}

prepare();
process.on('message', ({ expect }: Expect) => round.begin(expect));
void (isOurs() ? ours() : bare());
