import type { Sealer } from '../auth';
import type { Clock } from '../clock';
import type { Keeping } from '../history/keeping';
import type { Log } from '../log';
import type { AccountStorage, Fence } from '../storage/roles';

/** What the inbound path of a number is given. */
export interface InboundDeps {
	storage: AccountStorage;
	sealer: Sealer;
	fence(): Fence | undefined;
	/** What of the history is kept. */
	keeping(): Keeping;
	clock: Clock;
	log: Log;
}
