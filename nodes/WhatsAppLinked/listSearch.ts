import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { askMany, type JsonObject } from '../../src/operations';
import { runtime, settingsFor } from '../../src/runtime';
import { toNodeError } from './nodeError';

const PAGE = 50;
const ANSWER_MS = 20_000;
/** Nobody follows more channels than that. */
const ALL = 100_000;

/** Chats, contacts and groups of the number, for the From List mode; the most recent first. */
export async function searchChats(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await page(this, paginationToken, async (limit) => {
		const params = { search: filter ?? '', kind: 'all', limit };
		const chats = await list(this, 'chat.getMany', params);
		return chats.map(({ id, name, phone, kind }) => ({
			value: String(id),
			name: label(name, phone, kind, id),
		}));
	});
}

/** People that the number knows; those in the address book first. */
export async function searchPeople(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await page(this, paginationToken, async (limit) => {
		const params = { search: filter ?? '', saved: false, limit, simplify: true };
		const people = await list(this, 'contact.getMany', params);
		return people.map(({ id, name, phone }) => ({
			value: String(id),
			name: label(name, phone, 'person', id),
		}));
	});
}

/** Groups that the number is in. */
export async function searchGroups(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await page(this, paginationToken, async (limit) => {
		const params = { search: filter ?? '', kind: 'all', limit, simplify: true };
		const groups = await list(this, 'group.getMany', params);
		return groups.map(({ id, name, kind }) => ({
			value: String(id),
			name: kind === 'group' ? String(name) : label(name, null, kind, id),
		}));
	});
}

/** Communities that the number is in. */
export async function searchCommunities(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await page(this, paginationToken, async (limit) => {
		const params = { search: filter ?? '', kind: 'community', limit, simplify: true };
		const communities = await list(this, 'group.getMany', params);
		return communities.map(({ id, name }) => ({ value: String(id), name: String(name) }));
	});
}

/** Channels that the number follows or owns. */
export async function searchChannels(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await page(this, paginationToken, async (limit) => {
		const wanted = (filter ?? '').toLocaleLowerCase();
		const channels = await list(this, 'channel.getMany', { role: 'all', limit: ALL });
		return channels
			.filter(({ name }) => String(name).toLocaleLowerCase().includes(wanted))
			.slice(0, limit)
			.map(({ id, name }) => ({ value: String(id), name: String(name) }));
	});
}

/** Labels of WhatsApp Business. */
export async function searchLabels(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await page(this, paginationToken, async (limit) => {
		const params = { search: filter ?? '', limit, where: false };
		const labels = await list(this, 'label.getMany', params);
		return labels.map(({ id, name }) => ({ value: String(id), name: String(name) }));
	});
}

/** One page of a list that is asked for from its beginning. */
async function page(
	context: ILoadOptionsFunctions,
	token: string | undefined,
	ask: (limit: number) => Promise<INodeListSearchResult['results']>,
): Promise<INodeListSearchResult> {
	const from = Number(token ?? 0) || 0;
	try {
		const found = (await ask(from + PAGE + 1)).slice(from);
		return {
			results: found.slice(0, PAGE),
			paginationToken: found.length > PAGE ? String(from + PAGE) : undefined,
		};
	} catch (error) {
		throw toNodeError(context.getNode(), LinkedError.from(error), 0);
	}
}

async function list(
	context: ILoadOptionsFunctions,
	operation: string,
	params: JsonObject,
): Promise<JsonObject[]> {
	const settings = await settingsFor(context);
	return await runtime().use(settings, async (number) =>
		askMany(number, operation, params, { timeoutMs: ANSWER_MS }),
	);
}

/** `Anna (+1555...)`, `Family (group)`. */
function label(name: unknown, phone: unknown, kind: unknown, id: unknown): string {
	const who = typeof name === 'string' ? name : undefined;
	const number = typeof phone === 'string' ? phone : undefined;
	if (kind !== 'person') return `${who ?? String(id)} (${String(kind)})`;
	if (who && number) return `${who} (${number})`;
	return who ?? number ?? String(id);
}
