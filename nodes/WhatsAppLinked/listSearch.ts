import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';
import { LinkedError } from '../../src/errors';
import { CREDENTIAL, readCredential, runtime } from '../../src/runtime';
import { toNodeError } from './nodeError';

const PAGE = 50;
const ANSWER_MS = 20_000;

/** Chats, contacts and groups of the number, for the From List mode; the most recent first. */
export async function searchChats(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const from = Number(paginationToken ?? 0) || 0;
	try {
		const data = await this.getCredentials(CREDENTIAL);
		const reference = this.getNode().credentials?.[CREDENTIAL];
		const settings = readCredential({ id: reference?.id, name: reference?.name ?? '' }, data);
		const found = await runtime().use(
			settings,
			async (number) =>
				await number.submit({
					operation: 'chat.getMany',
					params: { search: filter ?? '', kind: 'all', limit: from + PAGE + 1 },
					idempotencyKey: randomUUID(),
					deadline: Date.now() + ANSWER_MS,
				}),
		);
		const chats = Array.isArray(found) ? found.slice(from) : [];
		return {
			results: chats.slice(0, PAGE).map(({ id, name, phone, kind }) => ({
				value: String(id),
				name: label(name, phone, kind, id),
			})),
			paginationToken: chats.length > PAGE ? String(from + PAGE) : undefined,
		};
	} catch (error) {
		throw toNodeError(this.getNode(), LinkedError.from(error), 0);
	}
}

/** `Anna (+1555...)`, `Family (group)`. */
function label(name: unknown, phone: unknown, kind: unknown, id: unknown): string {
	const who = typeof name === 'string' ? name : undefined;
	const number = typeof phone === 'string' ? phone : undefined;
	if (kind !== 'person') return `${who ?? String(id)} (${String(kind)})`;
	if (who && number) return `${who} (${number})`;
	return who ?? number ?? String(id);
}
