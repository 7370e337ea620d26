/**
 * What becomes of messages that could not be decrypted: waited for (waiting.ts), asked for at the own
 * phone, and at last reported. Who was reported is remembered, for those that come after all.
 */
import type { WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { identityOf } from '../events/messageBase';
import type { GivenUp, NormaliseContext } from '../events/types';
import { errorName, type Log } from '../log';
import type { Facts } from '../storage/roles';
import { GivenUpMessages } from './givenUp';
import { Waiting, wasDecryptedBefore } from './waiting';

export interface UndecryptableDeps {
	facts: Facts;
	context: NormaliseContext;
	socket(): WASocket | undefined;
	/** Time is up. Returns when the inbox has the report. */
	report(givenUp: GivenUp): Promise<void>;
	/** Its journal entries are of no use any more. */
	drop(message: WAMessage): Promise<void>;
	clock: Clock;
	log: Log;
}

export class Undecryptable {
	private readonly waiting: Waiting;
	private readonly givenUp: GivenUpMessages;

	constructor(private readonly deps: UndecryptableDeps) {
		this.givenUp = new GivenUpMessages(deps.facts, deps.clock);
		this.waiting = new Waiting({
			clock: deps.clock,
			askPhone: (message) => this.askPhone(message),
			giveUp: (message, reason, retries) => void this.report({ message, reason, retries }),
		});
	}

	async load(): Promise<void> {
		await this.givenUp.load();
	}

	/** How many messages are waited for. */
	get size(): number {
		return this.waiting.size;
	}

	/** A message that could not be decrypted, for the first time or again. */
	failed(message: WAMessage): void {
		const [reason = ''] = (message.messageStubParameters ?? []).map(String);
		if (!wasDecryptedBefore(reason)) this.waiting.failed(message);
	}

	/** A message that has content now, by whichever way. */
	arrived(message: WAMessage): void {
		this.waiting.arrived(message);
	}

	/** Whether this message was reported before. */
	wasReported(identity: string): boolean {
		return this.givenUp.has(identity);
	}

	stop(): void {
		this.waiting.stop();
	}

	private askPhone(message: WAMessage): void {
		const socket = this.deps.socket();
		if (!socket?.ws.isOpen) return;
		const { remoteJid, fromMe, id, participant } = message.key;
		const { key, messageTimestamp, pushName } = message;
		// What it is given here, Baileys puts the phone's copy into: the addresses stay as they came.
		socket
			.requestPlaceholderResend(
				{ remoteJid, fromMe, id, participant },
				{ key, messageTimestamp, pushName },
			)
			.catch((error: unknown) => {
				this.deps.log.warn('the phone could not be asked for a message', {
					error: errorName(error),
				});
			});
	}

	private async report(givenUp: GivenUp): Promise<void> {
		const { message, reason, retries } = givenUp;
		const { log, context } = this.deps;
		log.warn('a message could not be decrypted and was given up', { reason, retries });
		try {
			await this.deps.report(givenUp);
			await this.givenUp.add(await identityOf(message.key, context));
			await this.deps.drop(message);
		} catch (error) {
			// The journal still has it: it is waited for again after the next start.
			log.warn('what was given up could not be noted', { error: errorName(error) });
		}
	}
}
