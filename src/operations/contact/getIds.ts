import { asList, badField } from '../fields';
import { defineOperation, type JsonObject } from '../types';
import { checkContact, resolveContact } from './field';

type Params = { contacts: string[] };

export const getIds = defineOperation<Params>({
	resource: 'contact',
	operation: 'getIds',
	name: 'Get LID or Phone',
	description:
		'Get the LID (the ID that hides the number) of phone numbers, and the number behind LIDs where WhatsApp tells it',
	action: 'Get the LID or phone number of contacts',
	needs: 'socket',
	writes: false,
	fields: [
		{
			displayName: 'Numbers or LIDs',
			name: 'contacts',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			required: true,
			placeholder: 'e.g. +1 555 010 0101, 200000000000102@lid',
			description: 'Separated by commas or line breaks. Each becomes an item.',
		},
	],
	read(context, item) {
		const contacts = asList(context.getNodeParameter('contacts', item, '')).map(checkContact);
		if (contacts.length === 0) throw badField('Numbers or LIDs', 'it is empty.');
		return { contacts };
	},
	async perform(owner, { contacts }) {
		const results: JsonObject[] = [];
		for (const input of contacts) {
			const { person } = await resolveContact(owner, input);
			const { id, lid, phone, name, username } = person;
			results.push({ input, id, lid, phone, name, username });
		}
		return results;
	},
	sample: [
		{
			input: '+1 555 010 0101',
			id: '200000000000101@lid',
			lid: '200000000000101@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
		},
	],
});
