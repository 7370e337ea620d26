/**
 * A process that owns a number and hears it, as an n8n main process would; killed with -9 by the
 * crash test. Each event it consumes is one line in a file, written in one call, so that a kill
 * cannot tear it. Talks to its parent over IPC.
 */
import { appendFileSync } from 'node:fs';
import { silentLog } from '../../src/log';
import { Runtime, type LinkedNumber } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import type { StorageSettings } from '../../src/storage/open';
import { RedisKeys } from '../../src/storage/redis/keys';
import { SqliteKeys } from '../../src/storage/sqlite/keys';

/** What the parent says at the start. */
export interface ConsumerOrders {
	storage: StorageSettings;
	output: string;
	/** Events it listens to; messages unless told. */
	events?: string[];
	/** Dies at once when keys of this type have been stored. */
	dieWith?: string;
}

/** What the parent hears. */
export type ConsumerNews = { qr: string } | { state: string };

const orders = JSON.parse(process.env.CONSUMER ?? '{}') as ConsumerOrders;
const settings: AccountSettings = {
	account: 'crash-test',
	credentialName: 'Crash test',
	storage: orders.storage,
	deviceName: 'n8n',
	options: {},
};

/** Nothing after that write is done any more. */
function dieWith(type: string): void {
	for (const Keys of [SqliteKeys, RedisKeys]) {
		const { write } = Keys.prototype;
		Keys.prototype.write = async function (batch, fence) {
			await write.call(this, batch, fence);
			const names = [...(batch.set?.keys() ?? [])];
			if (names.some((name) => name.startsWith(`${type}:`))) process.kill(process.pid, 'SIGKILL');
		};
	}
}

async function main(): Promise<void> {
	if (orders.dieWith) dieWith(orders.dieWith);
	const runtime = new Runtime(undefined, silentLog);
	const listener = runtime.listen(() => Promise.resolve(settings), {
		trigger: 'workflow/node',
		wants: ({ event }) => (orders.events ?? ['message.received']).includes(event),
		async emit(ticket) {
			const envelope = await runtime.claim(settings, ticket, `${process.pid}-${ticket.seq}`);
			if (!envelope) return;
			// The work of an execution: a moment in which it can be killed.
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
			const { id, event, chat, text } = envelope.event;
			const line = { id, event, chat, text, seq: ticket.seq };
			appendFileSync(orders.output, `${JSON.stringify(line)}\n`);
		},
		maxInFlight: 10,
		next: 'end',
		rerun: true,
	});
	await listener.started();
	const { value: number } = await runtime.hold(settings);
	number.session.onState((state) => {
		process.send?.({ state: state.name } satisfies ConsumerNews);
		if (state.name === 'pairing' && state.offer) {
			process.send?.({ qr: state.offer.qr } satisfies ConsumerNews);
		}
	});
	process.send?.({ state: number.session.state.name } satisfies ConsumerNews);
	process.on('message', (message) => {
		if (message === 'link') void link(number);
	});
	process.on('disconnect', () => process.exit(0));
}

/** As the node does it: should the number be lost in the middle of it, it is done again. */
async function link(number: LinkedNumber): Promise<void> {
	await number.submit({
		operation: 'session.getQr',
		params: {},
		idempotencyKey: 'link',
		deadline: Date.now() + 60_000,
	});
}

void main();
