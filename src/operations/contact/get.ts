import { readSimplify, simplifyField } from '../listing';
import { defineOperation } from '../types';
import { contactField, contactJson, CONTACT_SAMPLE, readContact, resolveContact } from './field';

type Params = { contact: string; simplify: boolean };

export const get = defineOperation<Params>({
	resource: 'contact',
	operation: 'get',
	name: 'Get',
	description: 'Get the names, the number and the ID of a person',
	action: 'Get a contact',
	needs: 'socket',
	writes: false,
	fields: [contactField(), simplifyField],
	read: (context, item) => ({
		contact: readContact(context, item),
		simplify: readSimplify(context, item),
	}),
	async perform(owner, { contact, simplify }) {
		const { person } = await resolveContact(owner, contact);
		return contactJson(person, simplify);
	},
	sample: CONTACT_SAMPLE,
});
