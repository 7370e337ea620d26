/**
 * The owner's end of the outbound path: submit -> safety -> lane -> perform -> server ack. A command
 * arrives here directly (same process) or through the relay (src/ownership/relay.ts).
 */
import type { WASocket } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import { errorName } from '../log';
import type { Command } from '../operations';
import { Acks } from './acks';
import type { OutboundDeps } from './deps';
import { Lanes } from './lanes';
import { Once } from './once';
import { Online } from './online';
import { ownerFor } from './owner';
import { Receipts } from './receipts';
import { UnderWay, type Result } from './underWay';

export class Outbound {
	private readonly lanes = new Lanes();
	private readonly acks: Acks;
	private readonly receipts: Receipts;
	private readonly online: Online;
	private readonly once: Once;
	private readonly underWay = new UnderWay();

	constructor(private readonly deps: OutboundDeps) {
		const { clock, log, session } = deps;
		const { facts } = deps.storage;
		this.acks = new Acks(clock);
		this.once = new Once({ facts, clock, log });
		this.receipts = new Receipts({
			facts,
			clock,
			onFirst: (kind) => deps.onReceipt?.(kind),
			onError: (error) => log.warn('a receipt could not be noted', { error: errorName(error) }),
		});
		this.online = new Online({ facts, log });
		session.onState(({ name }) => {
			if (name !== 'open') this.acks.closed();
			const socket = session.openSocket;
			if (socket && !this.underWay.isCalledOff) void this.online.opened(socket);
		});
	}

	/** Listens for acks and receipts on a new socket. */
	attach(socket: WASocket): void {
		this.acks.attach(socket);
		this.receipts.attach(socket);
	}

	/** Commands running or waiting in lanes. */
	get length(): number {
		return this.underWay.size;
	}

	/**
	 * Performs a command once, however often it is submitted under one idempotency key.
	 * @param signal the caller does not want it any more: it is not begun then, and a message that
	 * has not gone out does not go out
	 * @throws LinkedError
	 */
	async submit(command: Command, signal?: AbortSignal): Promise<Result> {
		if (signal?.aborted) throw new LinkedError('cancelled');
		const { lanes, acks, receipts, online } = this;
		const parts = { lanes, acks, receipts, online };
		return await this.underWay.join(command.idempotencyKey, signal, async (cancelled) =>
			this.once.perform(command, () => ownerFor(this.deps, parts, command, cancelled)),
		);
	}

	/** Waits until nothing is under way, or the time is up. */
	async idle(timeoutMs: number): Promise<void> {
		const { clock, safety } = this.deps;
		safety.closing(clock.now() + timeoutMs);
		const stop = new AbortController();
		const late = clock.sleep(timeoutMs, stop.signal).catch(() => {});
		await Promise.race([this.underWay.settled(), late]);
		stop.abort();
		this.underWay.callOff(new LinkedError('closing'));
		await Promise.all([this.once.idle(), this.receipts.flush()]);
	}

	/** Stores what is noted now and then only. */
	async flush(): Promise<void> {
		await this.receipts.flush();
	}

	/** The number is another process's now: what has not gone out does not go out from here. */
	abandon(): void {
		this.underWay.callOff(new LinkedError('lease-lost'));
	}
}
