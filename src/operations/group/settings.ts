import type { BinaryNode, GroupMetadata } from '@whiskeysockets/baileys';
import { badField, readCollection } from '../fields';
import { defineOperation } from '../types';
import { groupField, readGroup, resolveGroup } from './field';
import { groupQuery, node } from './query';
import { GROUP_ID } from './sample';

type Settings = {
	sendMessages?: string;
	editInfo?: string;
	addMembers?: string;
	approval?: boolean;
	disappearing?: number;
};
type Params = { group: string; settings: Settings };

const ALL = { name: 'All Members', value: 'all' };
const ADMINS = { name: 'Only Admins', value: 'admins' };
const TIMERS = [0, 86_400, 604_800, 7_776_000];

/** How each is asked for, and what it is in Baileys' metadata. */
const CHANGES: {
	[K in keyof Required<Settings>]: (
		value: Required<Settings>[K],
		isCommunity: boolean,
	) => { ask: BinaryNode; known: Partial<GroupMetadata> };
} = {
	sendMessages: (who) => ({
		ask: node(who === 'admins' ? 'announcement' : 'not_announcement'),
		known: { announce: who === 'admins' },
	}),
	editInfo: (who) => ({
		ask: node(who === 'admins' ? 'locked' : 'unlocked'),
		known: { restrict: who === 'admins' },
	}),
	addMembers: (who) => ({
		ask: node('member_add_mode', {}, who === 'admins' ? 'admin_add' : 'all_member_add'),
		known: { memberAddMode: who !== 'admins' },
	}),
	approval: (on, isCommunity) => ({
		ask: node('membership_approval_mode', {}, [
			node(isCommunity ? 'community_join' : 'group_join', { state: on ? 'on' : 'off' }),
		]),
		known: { joinApprovalMode: on },
	}),
	disappearing: (seconds) => ({
		ask: seconds ? node('ephemeral', { expiration: String(seconds) }) : node('not_ephemeral'),
		known: { ephemeralDuration: seconds || undefined },
	}),
};

export const updateSettings = defineOperation<Params>({
	resource: 'group',
	operation: 'updateSettings',
	name: 'Update Settings',
	description:
		'Set who may write, who may change the name, who may add people, whether joining needs an approval, and when messages disappear',
	action: 'Update the settings of a group',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		groupField(),
		{
			displayName: 'Settings',
			name: 'settings',
			type: 'collection',
			placeholder: 'Add Setting',
			default: {},
			options: [
				{
					displayName: 'Add Members',
					name: 'addMembers',
					type: 'options',
					options: [ALL, ADMINS],
					default: 'all',
					description: 'Who may add people',
				},
				{
					displayName: 'Approve New Members',
					name: 'approval',
					type: 'boolean',
					default: true,
					description: 'Whether an admin has to approve people who join by link',
				},
				{
					displayName: 'Disappearing Messages',
					name: 'disappearing',
					type: 'options',
					options: [
						{ name: '24 Hours', value: 86_400 },
						{ name: '7 Days', value: 604_800 },
						{ name: '90 Days', value: 7_776_000 },
						{ name: 'Off', value: 0 },
					],
					default: 604_800,
					description: 'After which time new messages disappear',
				},
				{
					displayName: 'Edit Group Info',
					name: 'editInfo',
					type: 'options',
					options: [ALL, ADMINS],
					default: 'all',
					description: 'Who may change name, description and picture',
				},
				{
					displayName: 'Send Messages',
					name: 'sendMessages',
					type: 'options',
					options: [ALL, ADMINS],
					default: 'all',
					description: 'Who may write',
				},
			],
		},
	],
	read(context, item) {
		const given = readCollection(context, item, 'settings');
		const settings: Settings = {};
		for (const [name, label] of [
			['sendMessages', 'Send Messages'],
			['editInfo', 'Edit Group Info'],
			['addMembers', 'Add Members'],
		] as const) {
			const value = given[name];
			if (value === undefined) continue;
			if (value !== 'all' && value !== 'admins') throw badField(label, 'it must be all or admins.');
			settings[name] = value;
		}
		if (given.approval !== undefined) settings.approval = given.approval === true;
		if (given.disappearing !== undefined) {
			const seconds = Number(given.disappearing);
			if (!TIMERS.includes(seconds)) {
				throw badField(
					'Disappearing Messages',
					'it must be 0, 86400, 604800 or 7776000 seconds (off, 24 hours, 7 or 90 days).',
				);
			}
			settings.disappearing = seconds;
		}
		if (Object.keys(settings).length === 0) throw badField('Settings', 'none was added.');
		return { group: readGroup(context, item), settings };
	},
	async perform(owner, { group: given, settings }) {
		const group = await resolveGroup(owner, given);
		const isCommunity = (await owner.group(group))?.isCommunity === true;
		for (const name of Object.keys(CHANGES) as Array<keyof Settings>) {
			const value = settings[name];
			if (value === undefined) continue;
			const { ask, known } = CHANGES[name](value as never, isCommunity);
			await groupQuery(owner, group, 'set', [ask]);
			owner.groups.changed({ 'groups.update': [{ id: group, ...known }] });
		}
		return { group, ...settings };
	},
	sample: { group: GROUP_ID, sendMessages: 'admins', disappearing: 604_800 },
});
