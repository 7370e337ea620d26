import { badField, readCollection, readText, optionsCollection } from '../fields';
import { changeAppState } from '../appState';
import { defineOperation, type Owner } from '../types';
import { contactField, contactJson, CONTACT_SAMPLE, readContact, resolveContact } from './field';
import type { Resolved } from './field';

type Params = { contact: string; name: string; firstName?: string; onPhone: boolean };

/** SyncdMutation.SyncdOperation */
const SET = 0;
const REMOVE = 1;
/** As long as phones let people type. */
const MAX_NAME = 128;

/** Contacts are kept by number; who has none known is kept by LID (as the stand-in's phone, belief). */
const indexOf = ({ jid, phoneJid }: Resolved) => ['contact', phoneJid ?? jid];

async function patch(
	owner: Owner,
	whom: Resolved,
	name?: { full: string; first: string; onPhone: boolean },
) {
	await changeAppState(owner, {
		syncAction: {
			contactAction: name
				? {
						fullName: name.full,
						firstName: name.first,
						lidJid: whom.person.lid ?? undefined,
						saveOnPrimaryAddressbook: name.onPhone,
					}
				: {},
		},
		index: indexOf(whom),
		type: 'critical_unblock_low',
		apiVersion: 2,
		operation: name ? SET : REMOVE,
	});
}

export const save = defineOperation<Params>({
	resource: 'contact',
	operation: 'save',
	name: 'Save or Rename',
	description: 'Save a person in the address book, or change the name under which they are saved',
	action: 'Save or rename a contact',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		contactField(),
		{
			displayName: 'Name',
			name: 'name',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Anna Smith',
		},
		optionsCollection([
			{
				displayName: 'First Name',
				name: 'firstName',
				type: 'string',
				default: '',
				placeholder: 'e.g. Anna',
				description: 'By default the first word of the name',
			},
			{
				displayName: 'Save on the Phone',
				name: 'onPhone',
				type: 'boolean',
				default: true,
				description:
					'Whether the phone should save the contact in its own address book too, not only in WhatsApp',
			},
		]),
	],
	read(context, item) {
		const name = readText(context, item, 'name').trim();
		if (!name) throw badField('Name', 'it is empty.');
		if (name.length > MAX_NAME) throw badField('Name', `${MAX_NAME} characters are the most.`);
		const options = readCollection(context, item, 'options');
		const firstName = typeof options.firstName === 'string' ? options.firstName.trim() : '';
		return {
			contact: readContact(context, item),
			name,
			firstName: firstName || undefined,
			onPhone: options.onPhone !== false,
		};
	},
	async perform(owner, { contact, name, firstName, onPhone }) {
		const whom = await resolveContact(owner, contact);
		const first = firstName ?? name.split(/\s+/)[0] ?? name;
		await patch(owner, whom, { full: name, first, onPhone });
		const before = whom.person.isContact ? whom.person.savedName : null;
		return { ...contactJson(whom.person, true), name, isContact: true, nameBefore: before };
	},
	sample: { ...CONTACT_SAMPLE, name: 'Anna Smith', nameBefore: 'Anna' },
});

export const remove = defineOperation<{ contact: string }>({
	resource: 'contact',
	operation: 'remove',
	name: 'Remove',
	description: 'Take a person out of the address book; the chat stays',
	action: 'Remove a contact',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [contactField()],
	read: (context, item) => ({ contact: readContact(context, item) }),
	async perform(owner, { contact }) {
		const whom = await resolveContact(owner, contact);
		await patch(owner, whom);
		const { id, lid, phone, username, pushName } = whom.person;
		return { id, lid, phone, name: pushName, username, isContact: false };
	},
	sample: { ...CONTACT_SAMPLE, isContact: false },
});
