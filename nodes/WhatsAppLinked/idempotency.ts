import type { IExecuteFunctions } from 'n8n-workflow';

/** Small values with expiry, as the storage of a number keeps them. */
interface Facts {
	get(key: string): Promise<Uint8Array | undefined>;
	set(key: string, value: Uint8Array, ttlMs?: number): Promise<void>;
}

/** As long as outcomes are remembered. */
const KEEP_MS = 7 * 24 * 60 * 60_000;

/**
 * The same for a repeated try of the same work, different for everything else: another execution,
 * node, item, or another round of a loop. n8n repeats in two ways: Retry On Fail within an execution,
 * and Retry of a failed execution, which is a new execution that n8n-core's lifecycle hooks know the
 * original of.
 */
export async function idempotencyKey(
	context: IExecuteFunctions,
	item: number,
	facts: Facts,
): Promise<string> {
	const proxy = context.getWorkflowDataProxy(item) as { $runIndex?: unknown };
	const round = typeof proxy.$runIndex === 'number' ? proxy.$runIndex : 0;
	return [await origin(context, facts), context.getNode().id, round, item].join(':');
}

/** The execution that this one repeats, in the end; the execution itself when it repeats none. */
async function origin(context: IExecuteFunctions, facts: Facts): Promise<string> {
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
