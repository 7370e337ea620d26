import { LinkedError } from '../../errors';
import { isPerson } from '../../wa/ids';
import { asked } from '../asked';
import { checkChat, resolveChat } from '../chat';
import { asText, badField, readCollection, readText, optionsCollection } from '../fields';
import { defineOperation } from '../types';

type Params = { callId: string; caller?: string };

export const reject = defineOperation<Params>({
	resource: 'call',
	operation: 'reject',
	name: 'Reject',
	description: 'Reject a call that is ringing; all own devices stop ringing',
	action: 'Reject a call',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		{
			displayName: 'Call ID',
			name: 'callId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 5E0A1B2C3D4E5F60718293A4B5C6D7E8',
			description: 'The ID that the event Call: Offered of the trigger has',
		},
		optionsCollection([
			{
				displayName: 'Caller',
				name: 'caller',
				type: 'string',
				default: '',
				placeholder: 'e.g. +1 555 010 0101',
				description:
					'Number or ID of who calls. Only needed when n8n was started while the call rang.',
			},
		]),
	],
	read(context, item) {
		const callId = readText(context, item, 'callId').trim();
		if (!callId) throw badField('Call ID', 'it is empty.');
		if (!/^[\w.-]{4,64}$/.test(callId)) throw badField('Call ID', 'this is not the ID of a call.');
		const caller = asText(readCollection(context, item, 'options').caller).trim();
		return { callId, caller: caller ? checkChat(caller) : undefined };
	},
	async perform(owner, { callId, caller }) {
		const call = owner.call(callId);
		if (call?.over) {
			throw new LinkedError('not-found', { detail: 'The call is over.', data: { callId } });
		}
		const from = call?.from ?? (caller && (await resolveChat(owner, caller)));
		if (!from) {
			throw new LinkedError('not-found', {
				detail: 'No call with this ID was heard. Fill in the option Caller if there is one.',
				data: { callId },
			});
		}
		if (!isPerson(from)) throw badField('Caller', 'this is not a person.');
		const socket = await owner.socket();
		await asked(socket.rejectCall(callId, from));
		return { callId, rejected: true, caller: from };
	},
	sample: {
		callId: '5E0A1B2C3D4E5F60718293A4B5C6D7E8',
		rejected: true,
		caller: '200000000000101@lid',
	},
});
