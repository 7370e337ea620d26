import { asked } from '../asked';
import { LinkedError } from '../../errors';
import { defineOperation } from '../types';
import { contactField, contactJson, CONTACT_SAMPLE, readContact, resolveContact } from './field';

type Params = { contact: string };

export const getAbout = defineOperation<Params>({
	resource: 'contact',
	operation: 'getAbout',
	name: 'Get About',
	description: 'Get the text that a person shows under their name',
	action: 'Get the about text of a contact',
	needs: 'socket',
	writes: false,
	fields: [contactField()],
	read: (context, item) => ({ contact: readContact(context, item) }),
	async perform(owner, { contact }) {
		const { jid, person } = await resolveContact(owner, contact);
		const socket = await owner.socket();
		const answers = await asked(socket.fetchStatus(jid));
		// Baileys gives nothing at all when nobody answered in time.
		if (!answers) throw new LinkedError('connect-timeout');
		// Empty where it is hidden from this number, null where there is none.
		const { status, setAt } = (answers[0]?.status ?? {}) as { status?: string; setAt?: Date };
		const changed = setAt instanceof Date && setAt.getTime() > 0 ? setAt.toISOString() : null;
		return {
			...contactJson(person, true),
			about: status || null,
			aboutChanged: status ? changed : null,
		};
	},
	sample: {
		...CONTACT_SAMPLE,
		about: 'At the lake',
		aboutChanged: '2026-10-03T08:15:00.000Z',
	},
});
