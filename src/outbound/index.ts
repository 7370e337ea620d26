/**
 * The owner's end of the outbound path: submit -> safety -> lane -> perform -> server ack. A command
 * arrives here directly (same process) or through the relay (src/ownership/relay.ts).
 */
import type { GroupMetadata, WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { LinkedError, type ErrorCode } from '../errors';
import { errorName, type Log } from '../log';
import { findOperation, type Command, type JsonObject, type Owner } from '../operations';
import type { SafetyDesk } from '../operations/types';
import type { Session } from '../session/session';
import type { AccountSettings } from '../settings';
import type { AccountStorage } from '../storage/roles';
import { Acks } from './acks';
import { leaveToAdd } from './joining';
import { sayWhy } from './sayWhy';
import { Lanes } from './lanes';
import { Online } from './online';
import { Receipts } from './receipts';
import { messageIdFor, Records, type Outcome } from './records';
import type { SafetyGate } from './safety';
import { send, type SendDeps } from './send';

export interface OutboundDeps {
	settings(): AccountSettings;
	session: Session;
	storage: AccountStorage;
	clock: Clock;
	log: Log;
	assertOwner(): void;
	status(): Promise<JsonObject>;
	numbers: Owner['numbers'];
	erase: Owner['erase'];
	onSend(id: string): void;
	/** Messages sent and received lately. */
	messages: KnownMessages;
	directory: Owner['directory'];
	history: Owner['history'];
	labels: Owner['labels'];
	call: Owner['call'];
	pastAnswer(
		request: string,
		timeoutMs: number,
		signal: AbortSignal,
	): ReturnType<Owner['pastAnswer']>;
	groupMetadata(jid: string): Promise<GroupMetadata | undefined>;
	groups: Owner['groups'];
	me(): Owner['me'];
	person: Owner['person'];
	safety: SafetyGate & SafetyDesk;
	/** A message to a person was delivered or read for the first time. */
	onReceipt?(kind: 'delivered' | 'read'): void;
}

/** What the inbound path knows of messages. */
export interface KnownMessages {
	keepOwn(message: WAMessage): Promise<void>;
	applied(message: WAMessage): Promise<void>;
	/** WhatsApp has taken it. */
	taken(message: WAMessage): Promise<void>;
	get(id: string): Promise<WAMessage | undefined>;
	fileMoved(id: string, directPath: string): Promise<void>;
	timerOf(chat: string): Promise<number>;
}

/** How long an operation waits for the connection before it fails. */
const CONNECT_MS = 30_000;

interface Running {
	result: Promise<JsonObject | JsonObject[]>;
	/** How many still wait for it; when the last one gives up it is cancelled, if it can be. */
	askers: number;
	cancelled: AbortController;
}

export class Outbound {
	private readonly lanes = new Lanes();
	private readonly acks: Acks;
	private readonly records: Records;
	private readonly receipts: Receipts;
	private readonly online: Online;
	/** Commands under way by idempotency key: a repeat joins the first. */
	private readonly underWay = new Map<string, Running>();
	private readonly closing = new AbortController();
	/** Outcomes that are being stored while their callers go on. */
	private readonly noting = new Set<Promise<void>>();

	constructor(private readonly deps: OutboundDeps) {
		this.acks = new Acks(deps.clock);
		this.records = new Records(deps.storage.facts);
		this.receipts = new Receipts({
			facts: deps.storage.facts,
			clock: deps.clock,
			onFirst: (kind) => deps.onReceipt?.(kind),
			onError: (error) =>
				deps.log.warn('a receipt could not be noted', { error: errorName(error) }),
		});
		this.online = new Online({ facts: deps.storage.facts, log: deps.log });
		deps.session.onState(({ name }) => {
			if (name !== 'open') this.acks.closed();
			const socket = deps.session.openSocket;
			if (socket && !this.closing.signal.aborted) void this.online.opened(socket);
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
	async submit(command: Command, signal?: AbortSignal): Promise<JsonObject | JsonObject[]> {
		if (signal?.aborted) throw new LinkedError('cancelled');
		const key = command.idempotencyKey;
		let running = this.underWay.get(key);
		if (!running) {
			const cancelled = new AbortController();
			const result = this.perform(command, cancelled.signal).finally(() => {
				this.underWay.delete(key);
			});
			running = { result, askers: 0, cancelled };
			this.underWay.set(key, running);
		}
		return await joined(running, signal);
	}

	/** Waits until nothing is under way, or the time is up. */
	async idle(timeoutMs: number): Promise<void> {
		this.deps.safety.closing(this.deps.clock.now() + timeoutMs);
		const all = Promise.allSettled([...this.underWay.values()].map(({ result }) => result));
		const stop = new AbortController();
		await Promise.race([all, this.deps.clock.sleep(timeoutMs, stop.signal).catch(() => {})]);
		stop.abort();
		this.closing.abort(new LinkedError('closing'));
		await Promise.all([...this.noting, this.receipts.flush()]);
	}

	/** Stores what is noted now and then only. */
	async flush(): Promise<void> {
		await this.receipts.flush();
	}

	/** The number is another process's now: what has not gone out does not go out from here. */
	abandon(): void {
		this.closing.abort(new LinkedError('lease-lost'));
	}

	/** It is done, or it is not: a storage that fails after that must not make it look otherwise. */
	private async noted(note: Promise<void>): Promise<void> {
		await note.catch((error: unknown) => {
			this.deps.log.warn('an outcome could not be stored', { error: errorName(error) });
		});
	}

	private whileTheyGoOn(noted: Promise<void>): void {
		this.noting.add(noted);
		void noted.finally(() => this.noting.delete(noted));
	}

	private async perform(
		command: Command,
		cancelled: AbortSignal,
	): Promise<JsonObject | JsonObject[]> {
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
		const writes = operation.writes && !command.safety?.dryRun;
		const before = writes ? await this.records.find(command.idempotencyKey) : undefined;
		if (command.recall) return { done: before && 'result' in before ? before.result : null };
		if (before) return settled(before);
		const key = command.idempotencyKey;
		const once = writes && !(operation.repeatable ?? operation.resource === 'message');
		if (once && !(await this.records.begin(key))) {
			throw new LinkedError('no-answer', {
				detail: 'It was begun before by a process that ended before it could tell how it went.',
			});
		}
		const signal = AbortSignal.any([this.closing.signal, cancelled]);
		try {
			const result = await operation.perform(this.ownerFor(command, signal), command.params);
			if (writes) {
				const noted = this.noted(this.records.complete(key, { result }));
				// A message that goes out twice has the same id, so nobody need wait for the storage.
				if (once) await noted;
				else this.whileTheyGoOn(noted);
			}
			return result;
		} catch (error) {
			const known = LinkedError.from(error);
			if (once && known.certain) await this.noted(this.records.forget(key));
			// n8n's Retry On Fail must not knock again at once where WhatsApp has just said no.
			if (writes && REFUSALS.has(known.code)) {
				await this.noted(this.records.refuse(key, known.toJSON()));
			}
			throw error;
		}
	}

	private ownerFor(command: Command, signal: AbortSignal): Owner {
		const { deps } = this;
		const { account } = deps.settings();
		const ids: string[] = [];
		const idOfPart = (part: number) =>
			(ids[part] ??= messageIdFor(
				account,
				part === 0 ? command.idempotencyKey : `${command.idempotencyKey}#${part}`,
			));
		const socket = () => deps.session.whenOpen(CONNECT_MS, signal);
		/** What is known is there at once; what has to be asked for waits for the connection. */
		const connected = async <T>(look: () => Promise<T>): Promise<T> => {
			try {
				return await look();
			} catch (error) {
				if (!(error instanceof LinkedError) || error.code !== 'offline') throw error;
				await socket();
				return await look();
			}
		};
		return {
			settings: deps.settings(),
			session: deps.session,
			storage: deps.storage,
			clock: deps.clock,
			log: deps.log,
			signal,
			messageId: idOfPart(0),
			idOfPart,
			socket,
			directory: deps.directory,
			history: deps.history,
			labels: deps.labels,
			call: (id) => deps.call(id),
			pastAnswer: async (request, timeoutMs) => await deps.pastAnswer(request, timeoutMs, signal),
			status: () => deps.status(),
			safety: deps.safety,
			numbers: async () => await deps.numbers(),
			erase: async () => await deps.erase(),
			findMessage: async (id) => {
				const lately = await deps.messages.get(id);
				if (lately) return lately;
				const kept = await deps.history.message(id);
				// The ids of imported messages are of our own making.
				return kept && !kept.imported ? kept.message : undefined;
			},
			fileMoved: async (id, directPath) => await deps.messages.fileMoved(id, directPath),
			timerOf: async (chat) =>
				chat.endsWith('@g.us')
					? ((await deps.groupMetadata(chat))?.ephemeralDuration ?? 0)
					: await deps.messages.timerOf(chat),
			group: async (jid) => await deps.groupMetadata(jid),
			groups: {
				...deps.groups,
				all: async (fresh) => await connected(async () => await deps.groups.all(fresh)),
				get: async (jid, fresh) => await connected(async () => await deps.groups.get(jid, fresh)),
			},
			me: deps.me(),
			person: deps.person,
			online: this.online,
			receipts: async (id, wait) =>
				wait
					? await this.receipts.wait(id, wait.enough, wait.timeoutMs, signal)
					: await this.receipts.of(id),
			leaveToAdd: async (people) =>
				await leaveToAdd(deps.safety, command, idOfPart(0), people, signal),
			send: async (request) =>
				await sayWhy({ groups: deps.groups, me: deps.me() }, request.to, async () =>
					send(this.sendDeps(signal), command, idOfPart(request.part ?? 0), request),
				),
		};
	}

	private sendDeps(signal: AbortSignal): SendDeps {
		const { deps } = this;
		return {
			session: deps.session,
			lanes: this.lanes,
			acks: this.acks,
			safety: deps.safety,
			messages: deps.messages,
			clock: deps.clock,
			log: deps.log,
			signal,
			assertOwner: () => deps.assertOwner(),
			onSend: (sent) => deps.onSend(sent),
		};
	}
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set(['rejected', 'restricted']);

function settled(outcome: Outcome): JsonObject | JsonObject[] {
	if ('result' in outcome) return outcome.result;
	throw LinkedError.fromJSON(outcome.error);
}

/** The result for one asker; when the last one gives up, what has not gone out is called off. */
async function joined(
	running: Running,
	signal: AbortSignal | undefined,
): Promise<JsonObject | JsonObject[]> {
	running.askers++;
	if (!signal) return await running.result;
	let onAbort = () => {};
	const aborted = new Promise<never>((_resolve, reject) => {
		onAbort = () => reject(new LinkedError('cancelled'));
		signal.addEventListener('abort', onAbort, { once: true });
	});
	try {
		return await Promise.race([running.result, aborted]);
	} catch (error) {
		if (signal.aborted && --running.askers === 0) {
			running.cancelled.abort(new LinkedError('cancelled'));
			running.result.catch(() => {});
		}
		throw error;
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}
