/** Reading node parameters, and fields that several operations show. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../errors';
import type { Result } from '../wa/result';

/** The value of a check, or its failure as an error for people. */
export function must<T>(result: Result<T>): T {
	if (result.ok) return result.value;
	throw new LinkedError(result.code, { detail: result.detail });
}

export const badField = (field: string, problem: string): LinkedError =>
	new LinkedError('bad-parameter', { detail: `${field}: ${problem}`, data: { field } });

/** What an operation does beside the usual, each added by hand. */
export const optionsCollection = (options: INodeProperties[]): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options,
});

/** What narrows a list, each added by hand. */
export const filtersCollection = (options: INodeProperties[]): INodeProperties => ({
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options,
});

/** A text field; numbers and the like that expressions give become text. */
export function readText(context: IExecuteFunctions, item: number, name: string): string {
	return asText(context.getNodeParameter(name, item, ''));
}

export function asText(value: unknown): string {
	if (value === undefined || value === null) return '';
	return typeof value === 'string'
		? value
		: typeof value === 'object'
			? JSON.stringify(value)
			: String(value);
}

/** @throws LinkedError `bad-parameter` that names the field. */
export function asNumber(value: unknown, field: string): number {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (typeof number !== 'number' || !Number.isFinite(number)) {
		throw badField(field, 'it must be a number.');
	}
	return number;
}

/** Several values from one field: a list from an expression, or text with commas or line breaks. */
export function asList(value: unknown): string[] {
	const parts = Array.isArray(value) ? value.map(asText) : asText(value).split(/[,;\n]/);
	return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** A collection field as an object; {} when nothing was added to it. */
export function readCollection(
	context: IExecuteFunctions,
	item: number,
	name: string,
): Record<string, unknown> {
	const value: unknown = context.getNodeParameter(name, item, {});
	return value && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

/** The entries of a fixedCollection with multiple values. */
export function readEntries(
	context: IExecuteFunctions,
	item: number,
	name: string,
	entry: string,
): Array<Record<string, unknown>> {
	const entries = readCollection(context, item, name)[entry];
	return Array.isArray(entries) ? (entries as Array<Record<string, unknown>>) : [];
}

/** A date as n8n gives it: ISO text, a Luxon DateTime, a Date, or milliseconds. */
export function asDate(value: unknown, field: string): Date {
	const date =
		value instanceof Date
			? value
			: value && typeof value === 'object' && 'toMillis' in value
				? new Date((value.toMillis as () => number)())
				: new Date(typeof value === 'number' ? value : asText(value));
	if (Number.isNaN(date.getTime())) throw badField(field, 'it is not a date.');
	return date;
}

export const captionField: INodeProperties = {
	displayName: 'Caption',
	name: 'caption',
	type: 'string',
	typeOptions: { rows: 2 },
	default: '',
	description: 'Text shown below. WhatsApp formatting works: *bold*, _italic_, ~strikethrough~.',
};
