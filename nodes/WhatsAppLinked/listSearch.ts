import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

/** Chats, contacts and groups of the number, for the From List mode. */
export async function searchChats(
	this: ILoadOptionsFunctions,
	_filter?: string,
	_pagination?: string,
): Promise<INodeListSearchResult> {
	return await Promise.resolve({ results: [] });
}
