import type { IExecuteFunctions } from 'n8n-workflow';
import { originOf } from './origin';

/** Small values with expiry, as the storage of a number keeps them. */
interface Facts {
	get(key: string): Promise<Uint8Array | undefined>;
	set(key: string, value: Uint8Array, ttlMs?: number): Promise<void>;
}

/** As long as outcomes are remembered. */
const KEEP_MS = 7 * 24 * 60 * 60_000;

/**
 * The same for a repeated try of the same work, different for everything else: another execution,
 * node, item, or another round of a loop. Work is repeated in three ways: Retry On Fail within an
 * execution; Retry of a failed execution, which is a new execution that n8n-core's lifecycle hooks
 * know the original of; and our trigger, which starts another execution for an event whose first one
 * died with its process. A sub-workflow is an execution of its own each time it is called, and nothing
 * in it says whether its caller repeats itself or means it: there the user can say so.
 * @param once the user's own name for the work
 */
export async function idempotencyKey(
	context: IExecuteFunctions,
	item: number,
	facts: Facts,
	once = '',
): Promise<string> {
	if (once) return ['once', context.getWorkflow().id, context.getNode().id, once].join(':');
	const proxy = context.getWorkflowDataProxy(item) as { $runIndex?: unknown };
	const round = typeof proxy.$runIndex === 'number' ? proxy.$runIndex : 0;
	return [await origin(context, facts), context.getNode().id, round, item].join(':');
}

/** The event that started it; else the execution that this one repeats in the end, or itself. */
async function origin(context: IExecuteFunctions, facts: Facts): Promise<string> {
	const event = originOf(context);
	if (event) return event;
	const execution = context.getExecutionId();
	const before = retryOf(context);
	if (!before) return execution;
	// A retry of a retry: each notes where it comes from.
	const stored = await facts.get(name(before));
	const first = stored ? Buffer.from(stored).toString('utf8') : before;
	await facts.set(name(execution), Buffer.from(first), KEEP_MS);
	return first;
}

const name = (execution: string) => `retry-of:${execution}`;

/**
 * Not part of n8n's interface for nodes: where n8n changes it, a retried execution counts as a new
 * one. Checked against n8n 2.41 (main process and worker).
 */
function retryOf(context: IExecuteFunctions): string | undefined {
	if (context.getMode() !== 'retry') return undefined;
	const inner = context as { additionalData?: { hooks?: { retryOf?: unknown } } };
	const value = inner.additionalData?.hooks?.retryOf;
	return typeof value === 'string' && value !== '' ? value : undefined;
}
