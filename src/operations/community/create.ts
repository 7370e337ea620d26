/** Create, and Create Group in a community. */
import { LinkedError } from '../../errors';
import { childOf } from '../../wa/nodes';
import { asText, readCollection, readText, optionsCollection } from '../fields';
import { checkDescription, checkName, created, nameField } from '../group/create';
import { readGroup } from '../group/field';
import { ALL_GROUPS, explained, node } from '../group/query';
import { inviteOptions } from '../group/participants';
import { ANNA } from '../group/sample';
import { describeGroup, GROUP_SAMPLE } from '../group/shape';
import { peopleFields, readPeople } from '../people';
import { query } from '../query';
import { defineOperation } from '../types';
import { COMMUNITY_ID, communityField } from './field';
import { announcementGroupOf } from './groups';

type CreateParams = { name: string; description: string; general: boolean };

export const create = defineOperation<CreateParams>({
	resource: 'community',
	operation: 'create',
	name: 'Create',
	description: 'Create a community, which comes with a group for announcements to all its members',
	action: 'Create a community',
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
		{
			displayName: 'General Chat',
			name: 'general',
			type: 'boolean',
			default: true,
			description: 'Whether to also create a group "General" in which all members can write',
		},
	],
	read: (context, item) => ({
		name: checkName(readText(context, item, 'name')),
		description: checkDescription(readText(context, item, 'description')),
		general: context.getNodeParameter('general', item, true) === true,
	}),
	async perform(owner, { name, description, general }) {
		// As Baileys' communityCreate, which writes what it cannot read to the console.
		const body = node('body', {}, Buffer.from(description, 'utf8'));
		const content = [
			node('description', { id: owner.messageId.slice(-12) }, [body]),
			node('parent', { default_membership_approval_mode: 'request_required' }),
			node('allow_non_admin_sub_group_creation'),
			...(general ? [node('create_general_chat')] : []),
		];
		const answer = await query(
			owner,
			{
				to: ALL_GROUPS,
				xmlns: 'w:g2',
				type: 'set',
				content: [node('create', { subject: name }, content)],
			},
			{ 406: { code: 'bad-parameter', detail: 'WhatsApp does not accept this name.' } },
		);
		const made = childOf(answer, 'group')?.attrs.id;
		if (!made) throw new LinkedError('no-answer');
		const id = made.includes('@') ? made : `${made}@g.us`;
		const community = await owner.groups.get(id, true).catch(() => undefined);
		return {
			...(community ? await describeGroup(owner, community, true) : { id, name }),
			announcementGroup: await announcementGroupOf(owner, id).catch(() => null),
		};
	},
	sample: {
		...GROUP_SAMPLE,
		id: COMMUNITY_ID,
		name: 'Village',
		kind: 'community',
		announcementGroup: '120363000000000010@g.us',
	},
});

type GroupParams = {
	community: string;
	name: string;
	people: string[];
	invite: boolean;
	text: string;
};

export const createCommunityGroup = defineOperation<GroupParams>({
	resource: 'community',
	operation: 'createGroup',
	name: 'Create Group',
	description:
		'Create a group that is part of a community, with people in it. Adding a stranger counts as a new conversation.',
	action: 'Create a group in a community',
	needs: 'socket',
	writes: true,
	sends: true,
	fields: [communityField(), nameField, ...peopleFields(), optionsCollection(inviteOptions)],
	read(context, item) {
		const { invite, text } = readCollection(context, item, 'options');
		return {
			community: readGroup(context, item, 'community'),
			name: checkName(readText(context, item, 'name')),
			people: readPeople(context, item, { required: false }),
			invite: invite === true,
			text: asText(text),
		};
	},
	async perform(owner, { community, name, people, invite, text }) {
		return await explained(owner, community, {}, async () =>
			created(owner, { name, people, community }, invite ? { text } : undefined),
		);
	},
	sample: {
		...GROUP_SAMPLE,
		community: COMMUNITY_ID,
		participants: [{ ...ANNA, status: 'added', reason: null, code: 200 }],
		done: 1,
		failed: 0,
	},
});
