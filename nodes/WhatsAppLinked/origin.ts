/**
 * What an execution was started by, for all nodes of it. An event whose execution died with its
 * process starts another one (see the trigger's option); what the first one has sent must not go out
 * again from the second. So commands of such executions are named after the event.
 */
import type { IExecuteFunctions } from 'n8n-workflow';

const FIELD = 'whatsAppLinkedOrigin';

/** n8n keeps it with the execution's data: in the worker, through waits and retries. */
const shared = (context: IExecuteFunctions) => context.getContext('flow');

/** @param tickets of all events that the execution is for */
export function noteOrigin(
	context: IExecuteFunctions,
	tickets: ReadonlyArray<{ trigger: string; seq: string }>,
): void {
	const [first, ...rest] = tickets;
	if (!first) return;
	// Another batch that only begins alike is other work.
	const seqs = [first, ...rest].map(({ seq }) => seq).join('+');
	shared(context)[FIELD] = `event:${first.trigger}:${seqs}`;
}

/** Undefined for an execution that no event has started. */
export function originOf(context: IExecuteFunctions): string | undefined {
	const value: unknown = shared(context)[FIELD];
	return typeof value === 'string' ? value : undefined;
}
