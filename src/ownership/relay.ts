/**
 * Commands from any n8n process to the one that owns a number, through BullMQ on the same Redis.
 */
import type { Command, JsonObject } from '../operations/types';

export type Perform = (command: Command) => Promise<JsonObject | JsonObject[]>;

export interface Relay {
	/** This process owns the account now: perform commands that others submit. */
	serve(account: string, perform: Perform): Promise<void>;
	/** Stops taking commands; those under way are finished. */
	stopServing(account: string): Promise<void>;
	/**
	 * Submits a command to the owner and waits for its answer until the command's deadline.
	 * @throws LinkedError as the owner threw it; `owner-unreachable` when nobody answered in time.
	 */
	request(
		account: string,
		command: Command,
		signal?: AbortSignal,
	): Promise<JsonObject | JsonObject[]>;
	close(): Promise<void>;
}
