/**
 * Ends of executions that no trigger of this process waits for: those that n8n starts anew after a
 * restart, and those of workers whose main process was restarted. Without word of their end the next
 * message of the chat would wait long for it.
 */
import type { IExecuteFunctions, IRun } from 'n8n-workflow';
import type { Outcome } from '../../src/runtime';

interface Ticket {
	trigger: string;
	seq: string;
	attempt: number;
}

const keyOf = ({ trigger, seq, attempt }: Ticket): string => `${trigger} ${seq} ${attempt}`;
const awaited = new Set<string>();

/** Runs what emits these tickets and waits for the end of their execution. */
export async function awaiting<T>(tickets: readonly Ticket[], work: () => Promise<T>): Promise<T> {
	const keys = tickets.map(keyOf);
	for (const key of keys) awaited.add(key);
	try {
		return await work();
	} finally {
		for (const key of keys) awaited.delete(key);
	}
}

export const isAwaited = (ticket: Ticket): boolean => awaited.has(keyOf(ticket));

/**
 * An execution whose worker died comes back as an error of no node; one whose trigger could not claim
 * its event, as an error of the trigger.
 */
export function outcomeOf(run: IRun | undefined, trigger: string): Outcome {
	if (run?.status !== 'error' && run?.status !== 'crashed') return 'ended';
	const { lastNodeExecuted } = run.data.resultData;
	return lastNodeExecuted === undefined || lastNodeExecuted === trigger ? 'lost' : 'ended';
}

/**
 * Calls back when the execution has ended, or goes to sleep; not when it was lost. Not part of n8n's interface for nodes:
 * where n8n changes it, nobody is called, and chats go on after a time instead. Checked with n8n 2.41.
 */
export function onEnd(context: IExecuteFunctions, callback: () => void): void {
	const { additionalData } = context as {
		additionalData?: { hooks?: { addHandler?(name: string, handler: (run: IRun) => void): void } };
	};
	additionalData?.hooks?.addHandler?.('workflowExecuteAfter', (run) => {
		if (outcomeOf(run, context.getNode().name) === 'ended') callback();
	});
}
