/**
 * One receiver of the bench, a process of its own, so that a bare Baileys is really bare: our
 * signatures replace libsignal's in the whole process. Measures from the first stanza on the socket
 * to the last message that reaches the handler (ours: that is emitted and claimed).
 */
import * as tls from 'node:tls';
import type { WASocket } from '@whiskeysockets/baileys';
import { silentLog } from '../../src/log';
import type { Target } from '../whatsapp/testing/client';

export type Kind = 'ours' | 'memory' | 'files';

export interface Orders {
	kind: Kind;
	folder: string;
	target: { url: string; rootKey: string; caPem: string };
}

export type News =
	{ qr: string } | { open: true } | { ms: number; cpuMs: number } | { ready: true };

/** The parent says how many messages come now. */
export interface Expect {
	expect: number;
}

const orders = JSON.parse(process.env.RECEIVER ?? '{}') as Orders;
const tell = (news: News) => process.send?.(news);

/** Counts what the handler gets. */
class Round {
	private left = 0;
	private started = 0;
	private cpu = process.cpuUsage();

	begin(count: number): void {
		this.left = count;
		this.started = 0;
		tell({ ready: true });
	}

	stanza(): void {
		if (this.left === 0 || this.started > 0) return;
		this.started = performance.now();
		this.cpu = process.cpuUsage();
	}

	message(): void {
		if (this.left === 0 || --this.left > 0) return;
		const { user, system } = process.cpuUsage(this.cpu);
		tell({ ms: performance.now() - this.started, cpuMs: (user + system) / 1_000 });
	}
}

const round = new Round();
const listen = (socket: WASocket) => socket.ws.prependListener('CB:message', () => round.stanza());

async function bare(): Promise<void> {
	const { makeClient } = await import('../whatsapp/testing/client.js');
	const target: Target = {
		...orders.target,
		rootKey: Buffer.from(orders.target.rootKey, 'hex'),
	};
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
	const { socket } = client;
	socket.ev.on('creds.update', () => void save());
	listen(socket);
	socket.ev.process((events) => {
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
	const account = {
		account: 'bench',
		credentialName: 'bench',
		storage: { kind: 'sqlite' as const, folder: orders.folder },
		deviceName: 'n8n',
		options: { safetyProfile: 'off' },
	};
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

process.on('message', ({ expect }: Expect) => round.begin(expect));
process.on('disconnect', () => process.exit(0));
tls.setDefaultCACertificates([...tls.getCACertificates('default'), orders.target.caPem]);
void (orders.kind === 'ours' ? ours() : bare());
