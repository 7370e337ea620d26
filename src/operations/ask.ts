/** Asks the owner of a number something outside of any execution: nothing of it has to be remembered. */
import { randomUUID } from 'node:crypto';
import type { Command, JsonObject } from './types';

/** Whoever passes commands on to the owner of a number. */
export interface Asked {
	submit(command: Command, signal?: AbortSignal): Promise<JsonObject | JsonObject[]>;
}

export interface AskOptions {
	/** How long the answer is waited for. */
	timeoutMs: number;
	signal?: AbortSignal;
}

/** @returns the answer as a list. @throws LinkedError */
export async function askMany(
	number: Asked,
	operation: string,
	params: JsonObject,
	{ timeoutMs, signal }: AskOptions,
): Promise<JsonObject[]> {
	const answer = await number.submit(
		{
			operation,
			params,
			idempotencyKey: randomUUID(),
			deadline: Date.now() + timeoutMs,
		},
		signal,
	);
	return Array.isArray(answer) ? answer : [answer];
}

/** The one thing that the operation answers; {} when it answers nothing. @throws LinkedError */
export async function ask(...question: Parameters<typeof askMany>): Promise<JsonObject> {
	return (await askMany(...question))[0] ?? {};
}
