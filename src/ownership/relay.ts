/**
 * Commands from any n8n process to the one that owns a number. The one relay there is goes through
 * BullMQ on the Redis that the processes share (bullRelay.ts).
 */
import type { LinkedError } from '../errors';
import type { Command, JsonObject } from '../operations/types';

export type CommandResult = JsonObject | JsonObject[];

/** @param signal aborts when the caller does not want it any more */
export type Perform = (command: Command, signal: AbortSignal) => Promise<CommandResult>;

export interface Relay {
	/** This process owns the account now: perform commands that others submit. */
	serve(account: string, perform: Perform): Promise<void>;
	/**
	 * Takes no more commands from this moment on. `finish`: resolves when those under way are done.
	 * `drop`: the number is lost; what is under way is left to the next owner.
	 */
	stopServing(account: string, how: 'finish' | 'drop'): Promise<void>;
	/**
	 * Submits a command to the owner and waits for its answer until the command's deadline. A command
	 * that was given up is not performed later.
	 * @throws LinkedError as the owner threw it; `owner-unreachable` when nobody answered in time,
	 * `cancelled`, or why the storage could not be used
	 */
	request(account: string, command: Command, signal?: AbortSignal): Promise<CommandResult>;
	close(): Promise<void>;
}

/**
 * True when a command that failed like this should be done by the next owner: under the same
 * idempotency key, so that it is not done twice.
 * @param lost the number was lost while it was performed: then failures of the connection mean that
 */
export function isForNextOwner({ code, retry }: LinkedError, lost: boolean): boolean {
	if (code === 'lease-lost' || code === 'closing') return true;
	if (!lost || retry !== 'later') return false;
	return code !== 'cancelled' && code !== 'restricted' && code !== 'safety-limit';
}
