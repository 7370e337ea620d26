import { asText, readCollection, filtersCollection } from '../fields';
import { ALL, limitFields, readLimit, readSimplify, simplifyField } from '../listing';
import { defineQuery } from '../reading';
import { contactJson, CONTACT_SAMPLE } from './field';

type Params = { search: string; saved: boolean; limit: number; simplify: boolean };

export const getMany = defineQuery<Params>({
	resource: 'contact',
	operation: 'getMany',
	name: 'Get Many',
	description:
		'Get the people that this number knows: those in the address book first, then those who wrote or are in a group with it',
	action: 'Get many contacts',
	fields: [
		...limitFields(),
		simplifyField,
		filtersCollection([
			{
				displayName: 'Only in Address Book',
				name: 'saved',
				type: 'boolean',
				default: true,
				description: 'Whether to return only people who are saved in the address book of the phone',
			},
			{
				displayName: 'Search',
				name: 'search',
				type: 'string',
				default: '',
				placeholder: 'e.g. Anna',
				description: 'Part of a name or a phone number',
			},
		]),
	],
	read(context, item) {
		const { search, saved } = readCollection(context, item, 'filters');
		return {
			search: asText(search).trim(),
			saved: saved === true,
			limit: readLimit(context, item),
			simplify: readSimplify(context, item),
		};
	},
	async answer({ history }, { search, saved, limit, simplify }) {
		const people = await history.people({
			search,
			...(saved ? { saved } : {}),
			...(limit < ALL ? { limit } : {}),
		});
		return people.map((person) => contactJson(person, simplify));
	},
	sample: [CONTACT_SAMPLE],
});
