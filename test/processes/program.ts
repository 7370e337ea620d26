/**
 * A stand-in for an n8n process: holds numbers, listens, submits commands, as the test that started
 * it says (see process.ts). It runs the product's code and ends as n8n ends: on SIGTERM it closes
 * its triggers, lets what runs finish, and exits.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LoggerProxy } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import type { Listener } from '../../src/listener';
import { runtime, type AccountSettings } from '../../src/runtime';
import type { LinkedNumber } from '../../src/number';
import { UNSEALED } from '../../src/storage/historyRole';
import type { Hold } from '../../src/session/pool';
import type { Asked, Report, Requests, Told } from './protocol';

const holds = new Map<string, Hold<LinkedNumber>>();
const listeners = new Map<string, Listener>();
const running = new Map<string, AbortController>();

const tell = (message: Told) => void process.send?.(message);

const settingsOf = (account: string): AccountSettings => ({
	account,
	credentialName: account,
	storage: JSON.parse(process.env.TEST_STORAGE ?? '{}') as AccountSettings['storage'],
	deviceName: 'n8n',
	options: { safetyProfile: 'off' },
});

const requests: Requests = {
	async open({ account }) {
		if (holds.has(account)) return {};
		const hold = await runtime().hold(settingsOf(account));
		holds.set(account, hold);
		hold.value.session.onState(({ name }) => tell({ kind: 'state', account, state: name }));
		await hold.value.open();
		return {};
	},
	release({ account }) {
		holds.get(account)?.release();
		holds.delete(account);
		return Promise.resolve({});
	},
	async listen({ account, trigger, workMs = 0 }) {
		const settings = settingsOf(account);
		const listener = runtime().listen(() => Promise.resolve(settings), {
			trigger,
			wants: ({ event }) => event === 'message.received' || event === 'message.sent',
			async emit(ticket) {
				const execution = `${process.pid}/${ticket.seq}/${ticket.attempt}`;
				const envelope = await runtime().claim(settings, ticket, execution);
				if (!envelope) return;
				if (workMs > 0) await delay(workMs);
				const { event, text } = envelope.event as { event: string; text?: string };
				const { attempt } = ticket;
				tell({ kind: 'event', account, trigger, event, text: text ?? null, attempt });
			},
			maxInFlight: 5,
			next: 'start',
			rerun: true,
		});
		listeners.set(trigger, listener);
		await listener.started();
		return {};
	},
	async unlisten({ trigger }) {
		await listeners.get(trigger)?.close();
		listeners.delete(trigger);
		return {};
	},
	async submit({ account, command, tag }) {
		const cancelled = new AbortController();
		if (tag) running.set(tag, cancelled);
		const result = await runtime().use(
			settingsOf(account),
			async (number) => await number.submit(command, cancelled.signal),
		);
		return { result };
	},
	cancel({ tag }) {
		running.get(tag)?.abort();
		return Promise.resolve({});
	},
	look({ account }) {
		const number = holds.get(account)?.value;
		const report: Report = {
			session: number?.session.state.name ?? 'none',
			ownership: number?.ownership.state.name ?? 'none',
		};
		return Promise.resolve(report);
	},
	size() {
		return Promise.resolve({ rss: process.memoryUsage().rss });
	},
	async kept({ account }) {
		const { storage } = await runtime().storage(settingsOf(account));
		return { messages: await storage.account(account).history(UNSEALED).count() };
	},
	cost() {
		// Garbage would hide what numbers hold.
		for (let n = 0; n < 3; n++) globalThis.gc?.();
		const { rss, heapUsed, external } = process.memoryUsage();
		const { user, system } = process.cpuUsage();
		return Promise.resolve({ rss, used: heapUsed + external, cpuMs: (user + system) / 1000 });
	},
};

async function answer({ id, what, input }: Asked): Promise<void> {
	try {
		const handler = requests[what] as (given: unknown) => Promise<object>;
		tell({ kind: 'answer', id, result: await handler(input) });
	} catch (error) {
		const known = LinkedError.from(error);
		const cause = known.cause instanceof Error ? known.cause.stack : undefined;
		tell({ kind: 'answer', id, error: known.toJSON(), cause });
	}
}

/** What n8n does: triggers first, then it waits for executions, then it goes. */
async function end(): Promise<void> {
	await Promise.all([...listeners.values()].map(async (listener) => await listener.close()));
	for (const hold of holds.values()) hold.release();
	await runtime().settled();
	process.exit(0);
}

if (process.env.TEST_LOG) {
	const line =
		(level: string) =>
		(message: string, meta?: object): void => {
			process.stderr.write(
				`${new Date().toISOString().slice(11, 23)} ${process.pid} ${level} ${message} ${JSON.stringify(meta ?? {})}\n`,
			);
		};
	LoggerProxy.init({
		error: line('error'),
		warn: line('warn'),
		info: line('info'),
		debug: line('debug'),
	});
}
process.on('message', (asked: Asked) => void answer(asked));
// As n8n: whoever started it is gone, or wants it to go.
process.on('disconnect', () => process.exit(1));
runtime();
process.on('SIGTERM', () => void end());
tell({ kind: 'ready' });
