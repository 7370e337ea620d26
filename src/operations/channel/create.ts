/** Create, Update, Set Picture and Remove Picture. */
import { asText, badField, readCollection, readText } from '../fields';
import { pictureFields, readPicture, withPicture, type PictureParams } from '../picture';
import { checkDescription, checkName, nameField } from '../group/create';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { channelField, lookUpChannel, readChannel, resolveChannel } from './field';
import { mex } from './mex';
import { CHANNEL_ID, CHANNEL_SAMPLE, describeChannel } from './shape';

/** What the apps let one write. */
const MAX_NAME = 100;
const MAX_DESCRIPTION = 2_048;

type CreateParams = { name: string; description: string };

export const create = defineOperation<CreateParams>({
	resource: 'channel',
	operation: 'create',
	name: 'Create',
	description: 'Create a channel: anybody can follow it, and only its owner and admins post',
	action: 'Create a channel',
	needs: 'socket',
	writes: true,
	fields: [
		nameField,
		{
			displayName: 'Description',
			name: 'description',
			type: 'string',
			typeOptions: { rows: 3 },
			default: '',
		},
	],
	read: (context, item) => ({
		name: checkName(readText(context, item, 'name'), MAX_NAME),
		description: checkDescription(readText(context, item, 'description'), MAX_DESCRIPTION),
	}),
	async perform(owner, { name, description }) {
		const input = { name, description: description || null };
		const made = describeChannel(await mex(owner, 'create', { input }));
		return { ...made, role: 'owner' };
	},
	sample: { ...CHANNEL_SAMPLE, followers: 0, role: 'owner' },
});

async function update(owner: Owner, given: string, updates: JsonObject): Promise<JsonObject> {
	const channel = await resolveChannel(owner, given);
	const variables = { newsletter_id: channel, updates: { ...updates, settings: null } };
	await mex(owner, 'update', variables);
	return await lookUpChannel(owner, channel);
}

type UpdateParams = { channel: string; updates: { name?: string; description?: string } };

export const updateChannel = defineOperation<UpdateParams>({
	resource: 'channel',
	operation: 'update',
	name: 'Update',
	description: 'Change the name or the description of a channel of this number',
	action: 'Update a channel',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		channelField,
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: [
				{
					displayName: 'Description',
					name: 'description',
					type: 'string',
					typeOptions: { rows: 3 },
					default: '',
				},
				{ displayName: 'Name', name: 'name', type: 'string', default: '' },
			],
		},
	],
	read(context, item) {
		const { name, description } = readCollection(context, item, 'updateFields');
		const updates: UpdateParams['updates'] = {};
		if (name !== undefined) updates.name = checkName(asText(name), MAX_NAME);
		if (description !== undefined) {
			updates.description = checkDescription(asText(description), MAX_DESCRIPTION);
		}
		if (Object.keys(updates).length === 0) throw badField('Update Fields', 'none was added.');
		return { channel: readChannel(context, item), updates };
	},
	perform: async (owner, { channel, updates }) => await update(owner, channel, updates),
	sample: { ...CHANNEL_SAMPLE, role: 'owner' },
});

type SetParams = PictureParams & { channel: string };

export const setChannelPicture = defineOperation<SetParams>({
	resource: 'channel',
	operation: 'setPicture',
	name: 'Set Picture',
	description:
		'Set the picture of a channel of this number. The middle of the file is cut to a square.',
	action: 'Set the picture of a channel',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [channelField, ...pictureFields],
	read: (context, item) => ({
		channel: readChannel(context, item),
		source: readPicture(context, item),
	}),
	prepare: withPicture,
	perform: async (owner, { channel, picture }) => await update(owner, channel, { picture }),
	sample: { ...CHANNEL_SAMPLE, id: CHANNEL_ID, role: 'owner' },
});

export const removeChannelPicture = defineOperation<{ channel: string }>({
	resource: 'channel',
	operation: 'removePicture',
	name: 'Remove Picture',
	description: 'Take the picture of a channel of this number away',
	action: 'Remove the picture of a channel',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [channelField],
	read: (context, item) => ({ channel: readChannel(context, item) }),
	perform: async (owner, { channel }) => await update(owner, channel, { picture: '' }),
	sample: { ...CHANNEL_SAMPLE, picture: null, role: 'owner' },
});
