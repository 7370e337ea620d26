/**
 * The relay over BullMQ. One queue for each account: its owner is the only worker on it. Answers come
 * back through one stream for each process. A command may be taken twice when its owner dies; that
 * it is not done twice is the business of its idempotency key (src/outbound/records.ts).
 */
import { createSealer } from '../auth';
import type { Clock } from '../clock';
import type { Log } from '../log';
import type { Command } from '../operations/types';
import { checkRedis, type RedisSettings } from '../storage/settings';
import { Answers } from './bull/answers';
import { Asking } from './bull/asking';
import { Serving } from './bull/serving';
import { Wires } from './bull/wires';
import type { CommandResult, Perform, Relay } from './relay';

export interface RelayDeps {
	/** Names this process. */
	process: string;
	/** n8n's encryption key. */
	secret: string;
	clock: Clock;
	log: Log;
}

export class BullRelay implements Relay {
	private readonly wires: Wires;
	private readonly answers: Answers;
	private readonly asking: Asking;
	private readonly served = new Map<string, Serving>();

	constructor(
		settings: RedisSettings,
		private readonly deps: RelayDeps,
	) {
		const { clock, log } = deps;
		this.wires = new Wires(checkRedis(settings), { clock, log });
		this.answers = new Answers(deps.process, this.wires, log);
		this.asking = new Asking({
			wires: this.wires,
			answers: this.answers,
			sealer: (account) => createSealer(deps.secret, account),
			clock,
		});
	}

	async serve(account: string, perform: Perform): Promise<void> {
		await this.stopServing(account, 'drop');
		const { clock, log, secret } = this.deps;
		const serving = new Serving({
			account,
			perform,
			wires: this.wires,
			sealer: createSealer(secret, account),
			clock,
			log,
		});
		this.served.set(account, serving);
		await serving.ready();
	}

	async stopServing(account: string, how: 'finish' | 'drop'): Promise<void> {
		const serving = this.served.get(account);
		this.served.delete(account);
		await serving?.stop(how);
	}

	async request(account: string, command: Command, signal?: AbortSignal): Promise<CommandResult> {
		return await this.asking.request(account, command, signal);
	}

	async close(): Promise<void> {
		await Promise.all(
			[...this.served.keys()].map(async (account) => await this.stopServing(account, 'finish')),
		);
		await this.asking.close();
		await this.answers.close();
		this.wires.close();
	}
}
