import { contactsMessage } from '../../wa/format';
import type { NewContact } from '../../wa/vcard';
import { chatField, checkChat, readChat } from '../chat';
import { asList, asText, must, readEntries } from '../fields';
import { defineOperation } from '../types';
import { deliver } from './deliver';
import { optionsField, readOptions, timeoutWith, type SendOptions } from './options';
import { SENT } from './sample';

type Contact = { name: string; phones: string[]; emails: string[]; organization: string };
type Params = { chat: string; contacts: Contact[]; options: SendOptions };

const build = (contacts: Contact[]) =>
	must(
		contactsMessage(
			contacts.map(({ phones, ...contact }): NewContact => ({
				...contact,
				phones: phones.map((phone) => ({ phone })),
			})),
		),
	);

export const sendContacts = defineOperation<Params>({
	resource: 'message',
	operation: 'sendContacts',
	name: 'Send Contacts',
	description: 'Send one or several contact cards',
	action: 'Send contacts',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: timeoutWith,
	fields: [
		chatField(),
		{
			displayName: 'Contacts',
			name: 'contacts',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			placeholder: 'Add Contact',
			default: { contact: [{ name: '', phones: '' }] },
			required: true,
			options: [
				{
					displayName: 'Contact',
					name: 'contact',
					values: [
						{
							displayName: 'Name',
							name: 'name',
							type: 'string',
							default: '',
							required: true,
							placeholder: 'e.g. Nathan Smith',
						},
						{
							displayName: 'Phone Numbers',
							name: 'phones',
							type: 'string',
							default: '',
							required: true,
							placeholder: 'e.g. +1 555 010 0101',
							description: 'With country code; several separated by commas',
						},
						{
							displayName: 'Email Addresses',
							name: 'emails',
							type: 'string',
							default: '',
							placeholder: 'e.g. nathan@example.com',
							description: 'Several separated by commas',
						},
						{ displayName: 'Organization', name: 'organization', type: 'string', default: '' },
					],
				},
			],
		},
		optionsField(),
	],
	read(context, item) {
		const contacts = readEntries(context, item, 'contacts', 'contact').map((entry) => ({
			name: asText(entry.name),
			phones: asList(entry.phones),
			emails: asList(entry.emails),
			organization: asText(entry.organization),
		}));
		build(contacts);
		return {
			chat: checkChat(readChat(context, item)),
			contacts,
			options: readOptions(context, item),
		};
	},
	async perform(owner, { chat, contacts, options }) {
		return await deliver(owner, { chat, message: build(contacts), options });
	},
	sample: SENT,
});
