/**
 * The owner's end of the outbound path: submit -> safety -> lane -> perform -> server ack. A command
 * arrives here directly (same process) or through the relay (src/ownership/relay.ts).
 */
import type { WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import type { Log } from '../log';
import { findOperation, type Command, type JsonObject, type Owner } from '../operations';
import type { Session } from '../session/session';
import type { AccountSettings } from '../settings';
import type { AccountStorage } from '../storage/roles';
import { Acks } from './acks';
import { Lanes } from './lanes';
import { messageIdFor, Records, type Outcome } from './records';
import { openGate, type SafetyGate } from './safety';
import { send } from './send';

export interface OutboundDeps {
	settings(): AccountSettings;
	session: Session;
	storage: AccountStorage;
	clock: Clock;
	log: Log;
	assertOwner(): void;
	status(): Promise<JsonObject>;
	onSend(id: string): void;
	safety?: SafetyGate;
}

/** How long an operation waits for the connection before it fails. */
const CONNECT_MS = 30_000;

export class Outbound {
	private readonly lanes = new Lanes();
	private readonly acks: Acks;
	private readonly records: Records;
	/** Commands under way by idempotency key: a repeat joins the first. */
	private readonly underWay = new Map<string, Promise<JsonObject | JsonObject[]>>();
	private readonly closing = new AbortController();

	constructor(private readonly deps: OutboundDeps) {
		this.acks = new Acks(deps.clock);
		this.records = new Records(deps.storage.facts);
		deps.session.onState(({ name }) => {
			if (name !== 'open') this.acks.closed();
		});
	}

	/** Listens for acks on a new socket. */
	attach(socket: WASocket): void {
		this.acks.attach(socket);
	}

	/** Commands running or waiting in lanes. */
	get length(): number {
		return this.underWay.size;
	}

	/**
	 * Performs a command once, however often it is submitted under one idempotency key.
	 * @throws LinkedError
	 */
	async submit(command: Command): Promise<JsonObject | JsonObject[]> {
		const key = command.idempotencyKey;
		const running = this.underWay.get(key);
		if (running) return await running;
		const run = this.perform(command).finally(() => this.underWay.delete(key));
		this.underWay.set(key, run);
		return await run;
	}

	/** Waits until nothing is under way, or the time is up. */
	async idle(timeoutMs: number): Promise<void> {
		const all = Promise.allSettled([...this.underWay.values()]);
		const stop = new AbortController();
		await Promise.race([all, this.deps.clock.sleep(timeoutMs, stop.signal).catch(() => {})]);
		stop.abort();
		this.closing.abort(new LinkedError('closing'));
	}

	private async perform(command: Command): Promise<JsonObject | JsonObject[]> {
		const { deps } = this;
		const operation = findOperation(command.operation);
		if (!operation) {
			throw new LinkedError('bad-parameter', {
				detail: 'This n8n process does not know the operation; update the package everywhere.',
			});
		}
		if (deps.clock.now() > command.deadline) {
			throw new LinkedError('owner-unreachable', { detail: 'It was not started in time.' });
		}
		if (operation.writes) {
			const before = await this.records.find(command.idempotencyKey);
			if (before) return settled(before);
		}
		const id = messageIdFor(deps.settings().account, command.idempotencyKey);
		const owner: Owner = {
			settings: deps.settings(),
			session: deps.session,
			storage: deps.storage,
			clock: deps.clock,
			log: deps.log,
			signal: this.closing.signal,
			messageId: id,
			socket: () => deps.session.whenOpen(CONNECT_MS, this.closing.signal),
			status: () => deps.status(),
			send: (request) =>
				send(
					{
						session: deps.session,
						lanes: this.lanes,
						acks: this.acks,
						safety: deps.safety ?? openGate,
						clock: deps.clock,
						assertOwner: () => deps.assertOwner(),
						onSend: (sent) => deps.onSend(sent),
					},
					command,
					id,
					request,
				),
		};
		const result = await operation.perform(owner, command.params);
		if (operation.writes) await this.records.complete(command.idempotencyKey, { result });
		return result;
	}
}

function settled(outcome: Outcome): JsonObject | JsonObject[] {
	if ('result' in outcome) return outcome.result;
	throw LinkedError.fromJSON(outcome.error);
}
