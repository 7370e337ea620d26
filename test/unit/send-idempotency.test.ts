/** Which repetitions count as the same work. */
import type { IExecuteFunctions } from 'n8n-workflow';
import { idempotencyKey } from '../../nodes/WhatsAppLinked/idempotency';
import { noteOrigin } from '../../nodes/WhatsAppLinked/origin';

function facts() {
	const values = new Map<string, Uint8Array>();
	return {
		get: (key: string) => Promise.resolve(values.get(key)),
		set: (key: string, value: Uint8Array) => {
			values.set(key, value);
			return Promise.resolve();
		},
	};
}

/** As n8n-core's ExecuteContext is inside, where a retried execution knows what it repeats. */
const context = (execution: string, retryOf?: string, round = 0, flow = {}) =>
	({
		getExecutionId: () => execution,
		getNode: () => ({ id: 'node' }),
		getWorkflow: () => ({ id: 'workflow' }),
		getMode: () => (retryOf ? 'retry' : 'trigger'),
		getWorkflowDataProxy: () => ({ $runIndex: round }),
		getContext: () => flow,
		additionalData: { hooks: { retryOf } },
	}) as unknown as IExecuteFunctions;

test('another try of the same item has the same key, everything else another', async () => {
	const store = facts();
	const key = await idempotencyKey(context('1'), 0, store);
	expect(await idempotencyKey(context('1'), 0, store)).toBe(key);
	const others = [
		await idempotencyKey(context('1'), 1, store),
		await idempotencyKey(context('2'), 0, store),
		await idempotencyKey(context('1', undefined, 1), 0, store),
	];
	expect(new Set([key, ...others]).size).toBe(4);
});

test('the same name for the work is the same key in every execution, round and item', async () => {
	const store = facts();
	const key = await idempotencyKey(context('1'), 0, store, 'order 7');
	expect(await idempotencyKey(context('2', undefined, 3), 5, store, 'order 7')).toBe(key);
	expect(await idempotencyKey(context('1'), 0, store, 'order 8')).not.toBe(key);
	expect(await idempotencyKey(context('1'), 0, store)).not.toBe(key);
});

test('an execution that n8n retries, and its retry, have the key of the first', async () => {
	const store = facts();
	const key = await idempotencyKey(context('1'), 0, store);
	expect(await idempotencyKey(context('5', '1'), 0, store)).toBe(key);
	expect(await idempotencyKey(context('9', '5'), 0, store)).toBe(key);
	expect(await idempotencyKey(context('9', '8'), 0, store)).not.toBe(key);
});

test('executions for the same events have one key, those for others another', async () => {
	const store = facts();
	const keyOf = async (execution: string, ...seqs: string[]) => {
		const flow = {};
		noteOrigin(
			context(execution, undefined, 0, flow),
			seqs.map((seq) => ({ trigger: 'workflow/node', seq })),
		);
		return await idempotencyKey(context(execution, undefined, 0, flow), 0, store);
	};
	const key = await keyOf('1', '0001');
	expect(await keyOf('2', '0001')).toBe(key);
	const others = [await keyOf('1', '0002'), await keyOf('1', '0001', '0002'), await keyOf('1')];
	expect(new Set([key, ...others]).size).toBe(4);
});
