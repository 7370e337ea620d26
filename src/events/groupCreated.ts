import { fromNotice, groupFacts, parametersOf, STUB } from './groupNotice';
import { inGroup } from './samples';
import type { EventDefinition, LinkedEvent, NormaliseContext } from './types';

/** A group younger than this when its notice came has just been made. */
const NEW_MS = 60_000;

/**
 * Who is added later gets the same notice as at the making of the group (that is how WhatsApp tells
 * a group to a device that does not know it); only the group's age tells which it was.
 */
export async function isNew(event: LinkedEvent, context: NormaliseContext): Promise<boolean> {
	const { created } = await groupFacts(event.chat, context);
	return created === null || Date.parse(event.timestamp) - Date.parse(created) < NEW_MS;
}

export const groupCreated: EventDefinition = {
	name: 'group.created',
	label: 'Group: Created',
	description: 'A group was made with this number in it',
	fromMessage: fromNotice('group.created', [STUB.create], async (input, event, context) => {
		if (!(await isNew(event, context))) return undefined;
		const [name] = parametersOf(input);
		const facts = await groupFacts(event.chat, context);
		return { chatName: name ?? event.chatName, text: name ?? null, ...facts };
	}),
	sample: inGroup('group.created', {
		text: 'Choir',
		offline: false,
		description: null,
		size: 3,
		created: '2026-11-23T09:30:00.000Z',
	}),
};
