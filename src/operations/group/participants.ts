/** Add, Remove, Promote and Demote Participants: one shape, four changes. */
import type { INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import { asText, readCollection, optionsCollection } from '../fields';
import { peopleFields, readPeople } from '../people';
import { defineOperation, type AnyOperation } from '../types';
import { groupField, readGroup, resolveGroup } from './field';
import { changeMembers, describeResults, inviteInstead, MAX_MEMBERS } from './members';
import { counted } from './results';
import { ANNA, BEN, GROUP_ID } from './sample';

type Params = { group: string; people: string[]; invite: boolean; text: string };

export const inviteOptions: INodeProperties[] = [
	{
		displayName: 'Invitation Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. Come and sing with us',
		description: 'Shown below the invitation',
	},
	{
		displayName: 'Invite Instead',
		name: 'invite',
		type: 'boolean',
		default: true,
		description:
			'Whether to send a personal invitation to people whose privacy settings keep others from adding them',
	},
];

const optionsField: INodeProperties = optionsCollection(inviteOptions);

interface Kind {
	change: 'add' | 'remove' | 'promote' | 'demote';
	operation: string;
	name: string;
	action: string;
	description: string;
	destructive?: boolean;
	sample: object[];
}

const change = (of: Kind): AnyOperation =>
	defineOperation<Params>({
		resource: 'group',
		operation: of.operation,
		name: of.name,
		description: of.description,
		action: of.action,
		needs: 'socket',
		writes: true,
		repeatable: of.change !== 'add',
		...(of.change === 'add' ? { sends: true } : {}),
		destructive: of.destructive,
		fields: [groupField(), ...peopleFields(), ...(of.change === 'add' ? [optionsField] : [])],
		read(context, item) {
			const { invite, text } = of.change === 'add' ? readCollection(context, item, 'options') : {};
			return {
				group: readGroup(context, item),
				people: readPeople(context, item),
				invite: invite === true,
				text: asText(text),
			};
		},
		async perform(owner, { group: given, people, invite, text }) {
			const group = await resolveGroup(owner, given);
			const known = await owner.group(group);
			if (of.change === 'add') assertRoom(known?.participants.length ?? 0, people.length);
			const changed = await changeMembers(owner, group, people, of.change);
			const name = known?.subject ?? '';
			const results = invite
				? await inviteInstead(owner, { id: group, name }, changed.results, text)
				: changed.results;
			return {
				group,
				...(changed.dryRun ? { dryRun: true } : {}),
				...counted(await describeResults(owner, results)),
			};
		},
		sample: {
			group: GROUP_ID,
			participants: of.sample as never,
			done: 1,
			failed: of.sample.length - 1,
		},
	});

/** @throws LinkedError `group-full` before anybody is added when it is clear that not all fit */
export function assertRoom(members: number, more: number): void {
	if (members + more <= MAX_MEMBERS) return;
	throw new LinkedError('group-full', {
		detail: members > 0 ? `It has ${members}; ${more} more do not fit.` : `It would have ${more}.`,
		data: { members, more },
	});
}

export const addParticipants = change({
	change: 'add',
	operation: 'addParticipants',
	name: 'Add Participants',
	action: 'Add participants to a group',
	description:
		'Add people to a group. The output says for each whether it worked and why not; those who may not be added can be sent an invitation instead. Adding a stranger counts as a new conversation.',
	sample: [
		{ ...ANNA, status: 'added', reason: null, code: 200 },
		{
			...BEN,
			status: 'privacy',
			reason: 'The privacy settings of this person keep others from adding them to groups.',
			code: 403,
		},
	],
});

export const removeParticipants = change({
	change: 'remove',
	operation: 'removeParticipants',
	name: 'Remove Participants',
	action: 'Remove participants from a group',
	description:
		'Remove people from a group. They see that they were removed, and can only come back by an invitation or by being added.',
	destructive: true,
	sample: [{ ...ANNA, status: 'removed', reason: null, code: 200 }],
});

export const promoteParticipants = change({
	change: 'promote',
	operation: 'promoteParticipants',
	name: 'Promote to Admin',
	action: 'Promote participants of a group to admins',
	description: 'Make members of a group its admins',
	sample: [{ ...ANNA, status: 'promoted', reason: null, code: 200 }],
});

export const demoteParticipants = change({
	change: 'demote',
	operation: 'demoteParticipants',
	name: 'Demote From Admin',
	action: 'Demote admins of a group',
	description: 'Make admins of a group ordinary members; the creator of a group stays one',
	sample: [{ ...ANNA, status: 'demoted', reason: null, code: 200 }],
});
