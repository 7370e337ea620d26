/** What becomes of the events of an execution that died, or failed before it had taken them. */
import type { LinkedEvent } from '../events';
import type { Cursors, Delivery } from '../storage/roles';
import type { Handed, Ticket } from './handOver';

export interface LostDeps {
	trigger: string;
	cursors: Cursors;
	/** This process, as claims name it. */
	process?: string;
	/** Run an event again whose execution died with its process. */
	rerun: boolean;
	/** The execution of this event died with its process (or could never start) and is not run again. */
	report(event: LinkedEvent, execution: string | undefined): Promise<void>;
}

/** An event whose execution dies so often may be what kills it: it is reported instead. */
export const MAX_ATTEMPTS = 5;

/** Whether they start another one. The claims tell whether it had got as far as the workflow. */
export async function runsAgain(
	{ cursors, trigger, process, rerun, report }: LostDeps,
	batch: readonly Handed[],
): Promise<boolean> {
	const open = new Map((await cursors.open(trigger)).map((each) => [each.seq, each]));
	const cursor = (await cursors.get(trigger)) ?? '';
	const held = batch.flatMap(({ event, ticket }) => {
		const lostNote = cursors.notesLater && ticket.seq > cursor ? noteOf(ticket) : undefined;
		const found = open.get(ticket.seq) ?? lostNote;
		const ours = found?.attempt === ticket.attempt && found.state !== 'done';
		return ours ? [{ event, ...found }] : [];
	});
	if (held.length === 0) return false;
	// What this very process claimed can only have failed in the trigger itself.
	const died = held.some((each) => each.state === 'claimed' && each.process !== process);
	const tries = Math.max(...held.map(({ attempt }) => attempt));
	if (tries < MAX_ATTEMPTS && (rerun || !died)) return true;
	for (const { event, execution } of held) await report(event, execution);
	return false;
}

const noteOf = ({ seq, attempt }: Ticket): Delivery => ({ seq, attempt, state: 'emitted', at: 0 });
