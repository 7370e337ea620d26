/** Set Picture and Remove Picture. */
import {
	pictureFields,
	readPicture,
	setPicture,
	withPicture,
	type PictureParams,
} from '../picture';
import { defineOperation, type Owner } from '../types';
import { groupField, NO_GROUP, readGroup, resolveGroup } from './field';
import { explained } from './query';
import { GROUP_ID } from './sample';

type SetParams = PictureParams & { group: string };

async function change(owner: Owner, given: string, picture: string | undefined) {
	const group = await resolveGroup(owner, given);
	const pictureId = await explained(owner, group, {}, async () =>
		setPicture(owner, picture, group, { 404: NO_GROUP }),
	);
	return { group, pictureId };
}

export const setGroupPicture = defineOperation<SetParams>({
	resource: 'group',
	operation: 'setPicture',
	name: 'Set Picture',
	description:
		'Set the picture of a group or community. The middle of the file is cut to a square.',
	action: 'Set the picture of a group',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [groupField(), ...pictureFields],
	read: (context, item) => ({
		group: readGroup(context, item),
		source: readPicture(context, item),
	}),
	prepare: withPicture,
	perform: async (owner, { group, picture }) => await change(owner, group, picture),
	sample: { group: GROUP_ID, pictureId: '1764149400' },
});

export const removeGroupPicture = defineOperation<{ group: string }>({
	resource: 'group',
	operation: 'removePicture',
	name: 'Remove Picture',
	description: 'Take the picture of a group or community away',
	action: 'Remove the picture of a group',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [groupField()],
	read: (context, item) => ({ group: readGroup(context, item) }),
	perform: async (owner, { group }) => await change(owner, group, undefined),
	sample: { group: GROUP_ID, pictureId: null },
});
