/** Update Name and Update Description. */
import { readText } from '../fields';
import { defineOperation } from '../types';
import { checkDescription, checkName, nameField } from './create';
import { groupField, readGroup, resolveGroup } from './field';
import { explained, groupQuery, node } from './query';
import { GROUP_ID } from './sample';

const NOT_ACCEPTED = {
	406: { code: 'bad-parameter', detail: 'WhatsApp does not accept it.' },
} as const;

export const updateName = defineOperation<{ group: string; name: string }>({
	resource: 'group',
	operation: 'updateName',
	name: 'Update Name',
	description: 'Change the name of a group or community',
	action: 'Update the name of a group',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [groupField(), nameField],
	read: (context, item) => ({
		group: readGroup(context, item),
		name: checkName(readText(context, item, 'name')),
	}),
	async perform(owner, { group: given, name }) {
		const group = await resolveGroup(owner, given);
		const subject = node('subject', {}, Buffer.from(name, 'utf8'));
		await groupQuery(owner, group, 'set', [subject], NOT_ACCEPTED);
		owner.groups.changed({ 'groups.update': [{ id: group, subject: name }] });
		return { group, name };
	},
	sample: { group: GROUP_ID, name: 'Choir' },
});

/** Somebody may be faster: the server takes a text only from those who know the one before. */
const ATTEMPTS = 3;

export const updateDescription = defineOperation<{ group: string; description: string }>({
	resource: 'group',
	operation: 'updateDescription',
	name: 'Update Description',
	description: 'Change the description of a group or community, or take it away',
	action: 'Update the description of a group',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		groupField(),
		{
			displayName: 'Description',
			name: 'description',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			description: 'Up to 2 048 characters. Empty takes the description away.',
		},
	],
	read: (context, item) => ({
		group: readGroup(context, item),
		description: checkDescription(readText(context, item, 'description')),
	}),
	async perform(owner, { group: given, description }) {
		const group = await resolveGroup(owner, given);
		for (let attempt = 1; ; attempt++) {
			const { descId: prev } = await explained(owner, group, {}, async () =>
				owner.groups.get(group, attempt > 1),
			);
			const id = owner.idOfPart(attempt);
			const attrs = {
				...(description ? { id } : { delete: 'true' }),
				...(prev ? { prev } : {}),
			};
			const body = description ? [node('body', {}, Buffer.from(description, 'utf8'))] : undefined;
			try {
				const change = node('description', attrs, body);
				await groupQuery(owner, group, 'set', [change], NOT_ACCEPTED);
				const desc = description || undefined;
				const descId = description ? id : undefined;
				owner.groups.changed({ 'groups.update': [{ id: group, desc, descId }] });
				return { group, description: description || null };
			} catch (error) {
				if (attempt === ATTEMPTS || statusOf(error) !== 409) throw error;
			}
		}
	},
	sample: { group: GROUP_ID, description: 'We meet on Mondays' },
});

function statusOf(error: unknown): unknown {
	return (error as { data?: { status?: unknown } }).data?.status;
}
