import type { proto } from '@whiskeysockets/baileys';
import type { Command, JsonObject, SendStatus } from '../operations/types';

/** One message on its way out, as src/safety sees it; or somebody on the way into a group. */
export interface Outgoing {
	/** Address of the chat. */
	to: string;
	/** WhatsApp's id of the message. */
	id: string;
	command: Command;
	/** The message itself; absent where Baileys makes it. */
	message?: proto.IMessage;
	/** No message: the person `to` is brought into a group. */
	joins?: boolean;
	/** Others of the same command were let through before, and it goes out with them. */
	together?: boolean;
}

/** Leave to send one message. Of what is told about it the first counts. */
export interface Pass {
	/** How long to show "typing..." before it is sent, milliseconds. */
	readonly typingMs: number;
	/** The server has it, or probably has. */
	sent(status: Exclude<SendStatus, 'dryRun'>): void;
	/** The server refused it with this code. */
	rejected(code: number): void;
	/** It was not sent after all. */
	unused(): void;
}

/** What stands between submit and sending. */
export interface SafetyGate {
	/**
	 * Resolves when the message may go out now.
	 * @throws LinkedError `safety-limit` or `guardrail`: nothing was sent; what the signal says
	 */
	pass(outgoing: Outgoing, signal: AbortSignal): Promise<Pass>;
	/** What pass() would say now to these, one after another, without taking anything up. */
	preview(all: readonly Outgoing[]): Promise<JsonObject[]>;
	/** n8n stops: whoever would wait beyond this time is told now. */
	closing(at: number): void;
}
