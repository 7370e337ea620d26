/** Filters of messages: when, by whom, with files. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Edge, MessageQuery } from '../../history/types';
import { checkChat } from '../chat';
import { asDate, asText, badField, readCollection, filtersCollection } from '../fields';
import { personAddress } from '../place';
import type { Reader } from '../reading';

export type FilterParams = {
	/** Milliseconds since the epoch. */
	after?: number;
	before?: number;
	fromMe?: boolean;
	/** A person as typed; `me` is the own number. */
	from?: string;
	withMedia?: boolean;
};

export function filterFields(more: INodeProperties[] = []): INodeProperties {
	return filtersCollection([
		{
			displayName: 'After',
			name: 'after',
			type: 'dateTime',
			default: '',
			description: 'Only messages sent after this time',
		},
		{
			displayName: 'Before',
			name: 'before',
			type: 'dateTime',
			default: '',
			description: 'Only messages sent before this time',
		},
		...more,
		{
			displayName: 'From Me',
			name: 'fromMe',
			type: 'boolean',
			default: true,
			description: 'Whether to return only own messages (on) or only those of others (off)',
		},
		{
			displayName: 'From Person',
			name: 'from',
			type: 'string',
			default: '',
			placeholder: 'e.g. +1 555 010 0123',
			description: 'Phone number or ID of who wrote it',
		},
		{
			displayName: 'Only With Files',
			name: 'withMedia',
			type: 'boolean',
			default: true,
			description: 'Whether to return only messages with a picture, video, sound or other file',
		},
	]);
}

/** @throws LinkedError `bad-parameter`, `bad-recipient`, `bad-phone` */
export function readFilters(context: IExecuteFunctions, item: number): FilterParams {
	const { after, before, fromMe, from, withMedia } = readCollection(context, item, 'filters');
	const time = (value: unknown, field: string) =>
		value === undefined || value === null || value === ''
			? undefined
			: asDate(value, field).getTime();
	const filters: FilterParams = {
		after: time(after, 'After'),
		before: time(before, 'Before'),
		fromMe: typeof fromMe === 'boolean' ? fromMe : undefined,
		from: asText(from).trim() ? checkChat(asText(from).trim()) : undefined,
		withMedia: withMedia === true ? true : undefined,
	};
	if (filters.after !== undefined && filters.before !== undefined) {
		if (filters.after >= filters.before) {
			throw badField('Before', 'it is not later than After, so no message can be in between.');
		}
	}
	return filters;
}

/** What of a query the filters say. */
export async function filtered(
	reader: Pick<Reader, 'history'>,
	{ after, before, fromMe, from, withMedia }: FilterParams,
): Promise<Omit<MessageQuery, 'chat' | 'limit' | 'order'>> {
	const edge = (at: number | undefined): Edge | undefined =>
		at === undefined ? undefined : { at };
	return {
		after: edge(after),
		before: edge(before),
		fromMe,
		from: from === undefined ? undefined : await personAddress(reader, from, 'From Person'),
		withMedia,
	};
}
