/** Values of the node's fields as the editor stores them. */
import type { IDataObject } from 'n8n-workflow';

/** A resource locator with something typed, or with what was picked from its list. */
export const locator = (value: string, mode: 'id' | 'list' = 'id') => ({
	__rl: true,
	mode,
	value,
});

/** People picked one by one. */
export const picked = (...values: string[]): IDataObject => ({
	people: { person: values.map((value) => ({ id: locator(value, 'list') })) },
});

/** People as a list of numbers. */
export const listed = (...values: string[]): IDataObject => ({ peopleList: values.join(', ') });
