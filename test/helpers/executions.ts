/** A trigger whose executions the test starts and ends, over storage in memory. */
import { systemClock, type Clock } from '../../src/clock';
import type { LinkedEvent } from '../../src/events';
import { Delivery, type DeliverDeps, type Outcome, type Ticket } from '../../src/inbound/deliver';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { AccountStorage, Storage } from '../../src/storage/roles';

export const TRIGGER = 'workflow/node';

export interface Run {
	/** The first one. */
	ticket: Ticket;
	tickets: Ticket[];
	text: string;
	end(outcome?: Outcome): void;
	fail(error: Error): void;
}

/** One for each test: open() before, close() after. */
export class Executions {
	account!: AccountStorage;
	private storage!: Storage;
	private readonly running: Delivery[] = [];

	open(clock: Clock = systemClock): void {
		this.storage = openStorage({ kind: 'memory' }, { clock, log: silentLog });
		this.account = this.storage.account('account');
	}

	/** As if the process had ended; the storage stays. */
	async stop(): Promise<void> {
		for (const delivery of this.running.splice(0)) await delivery.stop();
	}

	async close(): Promise<void> {
		await this.stop();
		await this.storage.close();
	}

	/** Events named `chat:text`. */
	async happen(...names: string[]): Promise<void> {
		await this.account.inbox.append(
			names.map((name) => {
				const [chat = '', text = ''] = name.split(':');
				return { key: name, value: Buffer.from(JSON.stringify({ chat, text })) };
			}),
		);
	}

	trigger(options: Partial<DeliverDeps> = {}) {
		const runs: Run[] = [];
		const reported: string[] = [];
		const { account } = this;
		const delivery = new Delivery({
			account: 'account',
			trigger: TRIGGER,
			inbox: account.inbox,
			cursors: account.cursors,
			open: ({ value }) => JSON.parse(Buffer.from(value).toString()) as LinkedEvent,
			wants: () => true,
			emit: async (ticket, batch) =>
				await new Promise<Outcome>((resolve, fail) => {
					const tickets = batch.map((each) => each.ticket);
					const text = batch.map(({ event }) => event.text).join('+');
					const end = (outcome: Outcome = 'ended') => resolve(outcome);
					runs.push({ ticket, tickets, text, end, fail });
				}),
			isAlive: () => Promise.resolve(false),
			report: async (event) => {
				reported.push(String(event.text));
				await Promise.resolve();
			},
			maxInFlight: 5,
			next: 'start',
			rerun: true,
			batchMs: 0,
			clock: systemClock,
			log: silentLog,
			...options,
		});
		this.running.push(delivery);
		delivery.start();
		return { delivery, runs, reported, texts: () => runs.map(({ text }) => text) };
	}

	async claim(run: Run | undefined, process = 'p1'): Promise<boolean | undefined> {
		return (
			run &&
			(await this.account.cursors.claim(TRIGGER, run.ticket.seq, run.ticket.attempt, {
				process,
				execution: `e${run.ticket.seq}`,
			}))
		);
	}
}
