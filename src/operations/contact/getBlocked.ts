import { asked } from '../asked';
import { limitFields, readLimit } from '../listing';
import { defineOperation, type JsonObject } from '../types';

type Params = { limit: number };

export const getBlocked = defineOperation<Params>({
	resource: 'contact',
	operation: 'getBlocked',
	name: 'Get Blocked',
	description: 'Get the people that this number has blocked',
	action: 'Get blocked contacts',
	needs: 'socket',
	writes: false,
	fields: limitFields(),
	read: (context, item) => ({ limit: readLimit(context, item) }),
	async perform(owner, { limit }) {
		const socket = await owner.socket();
		const blocked = await asked(socket.fetchBlocklist());
		const people: JsonObject[] = [];
		for (const jid of blocked.slice(0, limit)) {
			const person = await owner.person(jid);
			if (person) people.push({ ...person });
		}
		return people;
	},
	sample: [
		{
			id: '200000000000103@lid',
			lid: '200000000000103@lid',
			phone: '+15550100103',
			name: null,
			username: null,
		},
	],
});
