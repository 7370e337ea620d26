/** The execution's side of a delivery: claim the event of a ticket, then read it. */
import type { Clock } from './clock';
import { LinkedError } from './errors';
import type { Ticket } from './inbound/deliver';
import { openEntry } from './inbound/entries';
import type { Envelope } from './inbound/envelope';
import type { Sealer } from './auth';
import type { AccountStorage } from './storage/roles';

export interface ClaimDeps {
	storage: AccountStorage;
	sealer: Sealer;
	/** Names this process. */
	process: string;
	clock: Clock;
}

/** A storage that is away is waited for this long, inside the execution. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 1_000;

/** A ticket as it arrives in an item, or undefined for anything else. */
export function readTicket(json: Record<string, unknown>): Ticket | undefined {
	const { account, trigger, seq, attempt } = json;
	return typeof account === 'string' &&
		typeof trigger === 'string' &&
		typeof seq === 'string' &&
		typeof attempt === 'number'
		? { account, trigger, seq, attempt }
		: undefined;
}

/**
 * The event of this ticket, or undefined when another execution has it: output nothing then.
 * @throws LinkedError `not-found` when the event is not stored any more; `storage-unreachable` when
 * the storage did not come back in time.
 */
export async function claim(
	deps: ClaimDeps,
	ticket: Ticket,
	execution: string,
): Promise<Envelope | undefined> {
	const { clock } = deps;
	const deadline = clock.now() + PATIENCE_MS;
	for (;;) {
		try {
			return await tryToClaim(deps, ticket, execution);
		} catch (error) {
			const known = LinkedError.from(error);
			if (known.retry !== 'later' || clock.now() >= deadline) throw known;
			// Asked again by the same execution it is the same claim, also when the first one arrived.
			await clock.sleep(RETRY_MS);
		}
	}
}

async function tryToClaim(
	{ storage, sealer, process }: ClaimDeps,
	ticket: Ticket,
	execution: string,
): Promise<Envelope | undefined> {
	const mine = await storage.cursors.claim(ticket.trigger, ticket.seq, ticket.attempt, {
		process,
		execution,
	});
	if (!mine) return undefined;
	const found = await entryAt(storage, ticket.seq);
	if (!found) throw new LinkedError('not-found', { detail: 'The event is not stored any more.' });
	return openEntry(sealer, found);
}

async function entryAt(storage: AccountStorage, seq: string): Promise<Uint8Array | undefined> {
	return (await storage.inbox.get(seq))?.value;
}
