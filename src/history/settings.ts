/** Reads the credential's fields about the history. */
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { LinkedError } from '../errors';
import { parseRecipient } from '../wa/recipient';
import { KEEP_ALL, type Keeping } from './keeping';

const bad = (field: string, problem: string) =>
	new LinkedError('bad-credential', { detail: `${field}: ${problem}`, data: { field } });

/** @throws LinkedError `bad-credential` that names the field */
export function readKeeping(data: ICredentialDataDecryptedObject): Keeping {
	const chats = choice(
		data.historyChats,
		['all', 'chosen', 'direct', 'none'] as const,
		'Keep History Of',
	);
	return {
		chats,
		chosen: chats === 'chosen' ? addresses(data.historyChosen) : [],
		days: whole(data.historyDays, 'Days to Keep'),
		perChat: whole(data.historyPerChat, 'Messages per Chat'),
		media: choice(data.historyMedia, ['details', 'none'] as const, 'Files in the History'),
	};
}

function choice<T extends string>(value: unknown, all: readonly [T, ...T[]], field: string): T {
	if (value === undefined || value === null || value === '') return all[0];
	const found = all.find((each) => each === value);
	if (!found) throw bad(field, `must be one of ${all.join(', ')}.`);
	return found;
}

function whole(value: unknown, field: string): number {
	if (value === undefined || value === null || value === '') return KEEP_ALL.days;
	const number = Number(value);
	if (!Number.isInteger(number) || number < 0)
		throw bad(field, 'must be a whole number, 0 or more.');
	return number;
}

function addresses(value: unknown): string[] {
	const parts = String(value ?? '')
		.split(/[,;\n]/)
		.map((part) => part.trim())
		.filter((part) => part !== '');
	if (parts.length === 0) throw bad('Chats to Keep', 'names no chat.');
	return parts.map((part, index) => {
		const parsed = parseRecipient(part);
		if (parsed.ok && 'jid' in parsed.value) return parsed.value.jid;
		const problem = parsed.ok ? 'A link does not say which chat it is; use its ID.' : parsed.detail;
		throw bad('Chats to Keep', `(No. ${index + 1}) ${problem}`);
	});
}
