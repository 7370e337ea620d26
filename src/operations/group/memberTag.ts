import { LinkedError } from '../../errors';
import { badField, readText } from '../fields';
import { SENT } from '../message/sample';
import { defineOperation } from '../types';
import { groupField, readGroup, resolveGroup } from './field';
import { GROUP_ID } from './sample';

/** As Baileys' updateMemberLabel, which cuts longer ones off. */
const MAX_LENGTH = 30;
/** ProtocolMessage.Type.GROUP_MEMBER_LABEL_CHANGE */
const MEMBER_LABEL = 30;

type Params = { group: string; tag: string };

export const setMemberTag = defineOperation<Params>({
	resource: 'group',
	operation: 'setMemberTag',
	name: 'Set Member Tag',
	description: 'Set the tag that a group shows beside the name of this number, or take it away',
	action: 'Set the own member tag in a group',
	needs: 'socket',
	writes: true,
	fields: [
		groupField(),
		{
			displayName: 'Tag',
			name: 'tag',
			type: 'string',
			default: '',
			placeholder: 'e.g. Conductor',
			description: 'Up to 30 characters. Empty takes the tag away.',
		},
	],
	read(context, item) {
		const tag = readText(context, item, 'tag').trim();
		if ([...tag].length > MAX_LENGTH) {
			throw badField('Tag', `it is longer than ${MAX_LENGTH} characters.`);
		}
		return { group: readGroup(context, item), tag };
	},
	async perform(owner, { group: given, tag }) {
		const group = await resolveGroup(owner, given);
		const known = await owner.group(group);
		if (!known) throw new LinkedError('not-member');
		const labelTimestamp = Math.floor(owner.clock.now() / 1_000);
		const message = {
			protocolMessage: { type: MEMBER_LABEL, memberLabel: { label: tag, labelTimestamp } },
		};
		return { ...(await owner.send({ to: group, message })), group, tag: tag || null };
	},
	sample: { ...SENT, chat: GROUP_ID, group: GROUP_ID, tag: 'Conductor' },
});
