import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { findOperation, type Command, type JsonObject } from '../../src/operations';
import { runtime, type AccountSettings } from '../../src/runtime';

const TIMEOUT_MS = 60_000;

/** Reads one item's fields, has the owner perform them, and shapes the result. */
export async function runItem(
	context: IExecuteFunctions,
	item: number,
	settings: AccountSettings,
): Promise<INodeExecutionData[]> {
	const name = `${text(context, 'resource', item)}.${text(context, 'operation', item)}`;
	const operation = findOperation(name);
	if (!operation) {
		throw new LinkedError('bad-parameter', { detail: `There is no operation ${name}.` });
	}
	const params = await operation.read(context, item);
	const command: Command = {
		operation: name,
		params,
		idempotencyKey: idempotencyKey(context, item),
		deadline: Date.now() + (operation.timeoutMs ?? TIMEOUT_MS),
	};
	const signal = context.getExecutionCancelSignal();
	const result = await runtime().use(
		settings,
		async (number) => await number.submit(command, signal),
	);
	if (operation.present) return await operation.present(context, item, result, params);
	const results: JsonObject[] = Array.isArray(result) ? result : [result];
	return results.map((json) => ({ json, pairedItem: { item } }));
}

function text(context: IExecuteFunctions, field: string, item: number): string {
	const value: unknown = context.getNodeParameter(field, item);
	return typeof value === 'string' ? value : '';
}

/**
 * The same for a repeated try of the same work (n8n's Retry On Fail), different for everything
 * else: another execution, node, item, or another round of a loop.
 */
function idempotencyKey(context: IExecuteFunctions, item: number): string {
	const proxy = context.getWorkflowDataProxy(item) as { $runIndex?: unknown };
	const round = typeof proxy.$runIndex === 'number' ? proxy.$runIndex : 0;
	return [context.getExecutionId(), context.getNode().id, round, item].join(':');
}
