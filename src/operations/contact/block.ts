import { LinkedError } from '../../errors';
import { asked } from '../asked';
import { defineOperation, type AnyOperation } from '../types';
import { contactField, contactJson, CONTACT_SAMPLE, readContact, resolveContact } from './field';

type Params = { contact: string };

const setBlocked = (
	blocked: boolean,
	names: { operation: string; name: string; action: string; description: string },
): AnyOperation =>
	defineOperation<Params>({
		resource: 'contact',
		...names,
		needs: 'socket',
		writes: true,
		repeatable: true,
		fields: [contactField()],
		read: (context, item) => ({ contact: readContact(context, item) }),
		async perform(owner, { contact }) {
			const { jid, phoneJid, person } = await resolveContact(owner, contact);
			if (blocked && !phoneJid) {
				throw new LinkedError('not-allowed', {
					detail: 'WhatsApp wants the phone number to block somebody, and hides this one’s.',
				});
			}
			const socket = await owner.socket();
			await asked(socket.updateBlockStatus(phoneJid ?? jid, blocked ? 'block' : 'unblock'));
			return { ...contactJson(person, true), blocked };
		},
		sample: { ...CONTACT_SAMPLE, blocked },
	});

export const block = setBlocked(true, {
	operation: 'block',
	name: 'Block',
	action: 'Block a contact',
	description: 'Block a person: their messages and calls do not come through any more',
});

export const unblock = setBlocked(false, {
	operation: 'unblock',
	name: 'Unblock',
	action: 'Unblock a contact',
	description: 'Let messages and calls of a person through again',
});
