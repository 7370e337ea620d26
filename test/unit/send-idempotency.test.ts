/** Which repetitions count as the same work. */
import type { IExecuteFunctions } from 'n8n-workflow';
import { idempotencyKey } from '../../nodes/WhatsAppLinked/idempotency';

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
const context = (execution: string, retryOf?: string, round = 0) =>
	({
		getExecutionId: () => execution,
		getNode: () => ({ id: 'node' }),
		getMode: () => (retryOf ? 'retry' : 'trigger'),
		getWorkflowDataProxy: () => ({ $runIndex: round }),
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

test('an execution that n8n retries, and its retry, have the key of the first', async () => {
	const store = facts();
	const key = await idempotencyKey(context('1'), 0, store);
	expect(await idempotencyKey(context('5', '1'), 0, store)).toBe(key);
	expect(await idempotencyKey(context('9', '5'), 0, store)).toBe(key);
	expect(await idempotencyKey(context('9', '8'), 0, store)).not.toBe(key);
});
