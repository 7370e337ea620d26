/**
 * What travels through Redis: sealed with the account's key, because commands hold message texts and
 * a Redis is read by more people than a vault.
 */
import type { Sealer } from '../../auth';
import { LinkedError, type ErrorJson } from '../../errors';
import type { Command } from '../../operations/types';
import type { CommandResult } from '../relay';

export interface Request {
	/** The job's id. */
	id: string;
	/** Where the answer is wanted: the name of the asking process's queue. */
	answerTo: string;
	command: Command;
	/** The command's deadline by the clock of Redis, so that clocks of hosts need not agree. */
	deadline: number;
}

export type Answer = { result: CommandResult } | { error: ErrorJson };

const seal = (sealer: Sealer, name: string, value: unknown): string =>
	Buffer.from(sealer.seal(name, Buffer.from(JSON.stringify(value)))).toString('base64');

const open = (sealer: Sealer, name: string, text: string): unknown =>
	JSON.parse(Buffer.from(sealer.open(name, Buffer.from(text, 'base64'))).toString('utf8'));

export const sealRequest = (sealer: Sealer, request: Request): string =>
	seal(sealer, `request:${request.id}`, request);

/** @throws LinkedError `wrong-key`, `damaged-data` */
export const openRequest = (sealer: Sealer, id: string, text: string): Request =>
	open(sealer, `request:${id}`, text) as Request;

export const sealAnswer = (sealer: Sealer, id: string, answer: Answer): string =>
	seal(sealer, `answer:${id}`, answer);

/** The result. @throws LinkedError what the owner threw */
export function openAnswer(sealer: Sealer, id: string, text: string): CommandResult {
	const answer = open(sealer, `answer:${id}`, text) as Answer;
	if ('error' in answer) throw LinkedError.fromJSON(answer.error);
	return answer.result;
}
