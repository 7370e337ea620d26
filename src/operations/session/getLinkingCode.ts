import { LinkedError } from '../../errors';
import { parsePhone } from '../../wa/phone';
import { must, readText } from '../fields';
import { defineOperation, type JsonObject } from '../types';
import { getQr } from './getQr';

type Params = { phone: string | null };

export const getLinkingCode = defineOperation<Params>({
	resource: 'session',
	operation: 'getLinkingCode',
	name: 'Get Linking Code',
	description:
		'Get the eight-character code to type on the phone to link the number, instead of scanning a QR code',
	action: 'Get the code to link the number',
	needs: 'session',
	writes: false,
	fields: [
		{
			displayName: 'Phone Number',
			name: 'phone',
			type: 'string',
			default: '',
			placeholder: 'e.g. +1 555 010 0123',
			description: 'The number to link; the one of the credential when empty',
			hint: 'On the phone: WhatsApp > Settings > Linked devices > Link a device > Link with phone number instead',
		},
	],
	read(context, item) {
		const typed = readText(context, item, 'phone').trim();
		return { phone: typed ? must(parsePhone(typed)).phone.replace('+', '') : null };
	},
	async perform(owner, params) {
		const phone = params.phone ?? owner.settings.phone;
		if (!phone) {
			throw new LinkedError('bad-parameter', {
				detail: 'Phone Number: it is empty, and the credential names none either.',
				data: { field: 'Phone Number' },
			});
		}
		const answer = (await getQr.perform(owner, { binaryProperty: '', phone })) as JsonObject;
		const { linked, number, code, expiresAt } = answer;
		if (linked) return { linked, number, code: null, expiresAt: null };
		if (!code) throw new LinkedError('pairing-refused');
		return { linked: false, number: `+${phone}`, code, expiresAt };
	},
	sample: {
		linked: false,
		number: '+15550100101',
		code: 'ABCD1234',
		expiresAt: '2026-11-23T09:31:00.000Z',
	},
});
