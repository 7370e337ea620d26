import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import {
	ask,
	findOperation,
	patienceFor,
	readOnce,
	readWish,
	type AnyOperation,
	type Command,
	type JsonObject,
	type NodeSide,
} from '../../src/operations';
import { runtime, type AccountSettings, type LinkedNumber } from '../../src/runtime';
import { idempotencyKey } from './idempotency';
import { withoutNames } from './names';
import type { Progress } from './progress';

const TIMEOUT_MS = 60_000;

/** Reads one item's fields, has the owner perform them, and shapes the result. */
export async function runItem(
	context: IExecuteFunctions,
	item: number,
	settings: AccountSettings,
	progress: Progress,
): Promise<INodeExecutionData[]> {
	const name = `${text(context, 'resource', item)}.${text(context, 'operation', item)}`;
	const operation = findOperation(name);
	if (!operation) {
		throw new LinkedError('bad-parameter', { detail: `There is no operation ${name}.` });
	}
	const signal = context.getExecutionCancelSignal();
	// An agent may say whom it means by name.
	const reading = context.getNode().type.endsWith('Tool')
		? await runtime().use(settings, async (number) => {
				await number.caughtUp(signal);
				return await withoutNames(context, item, operation, number);
			})
		: context;
	let params = await operation.read(reading, item);
	const safety = operation.sends ? readWish(context, item) : undefined;
	const once = operation.sends ? readOnce(context, item) : '';
	const { inNode } = operation;
	if (inNode) {
		return await runtime().use(settings, async (number) => {
			await number.caughtUp(signal);
			return await inNode(nodeSide(number, context, item, settings, progress), params);
		});
	}
	const asking = runtime().use(settings, async (number) => {
		const key = await idempotencyKey(context, item, number.storage.facts, once);
		const command = (timeoutMs: number): Command => ({
			operation: name,
			params,
			idempotencyKey: key,
			deadline: Date.now() + timeoutMs,
			safety,
		});
		if (operation.prepare) {
			const dryRun = safety?.dryRun === true;
			// What was done before needs no second upload.
			const recalled = dryRun
				? {}
				: one(await number.submit({ ...command(TIMEOUT_MS), recall: true }, signal));
			const { done } = recalled;
			if (done !== null && done !== undefined) return done as JsonObject | JsonObject[];
			const side = nodeSide(number, context, item, settings, progress, dryRun);
			params = await operation.prepare(side, params);
		}
		const { timeoutMs = TIMEOUT_MS } = operation;
		const own = typeof timeoutMs === 'function' ? timeoutMs(params) : timeoutMs;
		return await number.submit(command(own + patienceFor(operation, safety)), signal);
	});
	const result = await asking.catch((error: unknown) => unreachable(operation, settings, error));
	if (operation.present) return await operation.present(context, item, result, params);
	const results: JsonObject[] = Array.isArray(result) ? result : [result];
	return results.map((json) => ({ json, pairedItem: { item } }));
}

/** What the operation says all the same when the number cannot be asked. @throws the error */
function unreachable(
	operation: AnyOperation,
	settings: AccountSettings,
	error: unknown,
): JsonObject {
	const known = LinkedError.from(error);
	if (!operation.unreachable || known.code === 'cancelled') throw error;
	return operation.unreachable(known, runtime().glimpse(settings));
}

function nodeSide(
	number: LinkedNumber,
	context: IExecuteFunctions,
	item: number,
	settings: AccountSettings,
	progress: Progress,
	dryRun = false,
): NodeSide {
	const signal = context.getExecutionCancelSignal();
	return {
		context,
		item,
		settings,
		signal,
		dryRun,
		history: number.history,
		progress: (step) => progress.step(step),
		ask: async (operation, params) =>
			await ask(number, operation, params, { timeoutMs: TIMEOUT_MS, signal }),
	};
}

function text(context: IExecuteFunctions, field: string, item: number): string {
	const value: unknown = context.getNodeParameter(field, item);
	return typeof value === 'string' ? value : '';
}

const one = (result: JsonObject | JsonObject[]): JsonObject =>
	Array.isArray(result) ? (result[0] ?? {}) : result;
