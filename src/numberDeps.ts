/** What one number works with. */
import type { Clock } from './clock';
import type { Log } from './log';
import type { NumberSign } from './numbers';
import type { JsonObject } from './operations';
import type { Relay } from './ownership/relay';
import type { ConnectGate } from './session/connectGate';
import type { AccountStorage } from './storage/roles';

export interface NumberDeps {
	storage: AccountStorage;
	/** True when other processes may own the number. */
	shared: boolean;
	/** n8n's encryption key. */
	secret: string;
	/** Names this process. */
	holder: string;
	/** Carries commands between processes; absent for storage that is not shared. */
	relay?: Relay;
	/** Kind and state of the storage. */
	storageState(): JsonObject;
	/** Whether the n8n process of this name lives. */
	isAlive(process: string): Promise<boolean>;
	/** Leaves a sign of the number for those who list numbers, or takes it away. */
	note(sign: NumberSign | undefined): Promise<void>;
	/** All numbers known to this process. */
	numbers(): Promise<JsonObject[]>;
	/** Shared by all numbers of the process. */
	gate: ConnectGate;
	clock: Clock;
	log: Log;
}
