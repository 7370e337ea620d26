import { asked } from '../asked';
import { contactField, readContact, resolveContact } from '../contact/field';
import { readCollection } from '../fields';
import { limitFields, readLimit, readSimplify, simplifyField } from '../listing';
import { defineOperation, type JsonObject } from '../types';
import { recentFirst } from './getMany';
import { refreshOption } from './options';
import { describeGroup, GROUP_SAMPLE, participantOf, roleOf } from './shape';

type Params = { contact: string; limit: number; simplify: boolean; refresh: boolean };

export const getCommon = defineOperation<Params>({
	resource: 'group',
	operation: 'getCommon',
	name: 'Get Common Groups',
	description: 'Get the groups that both this number and a person are in',
	action: 'Get groups in common with a contact',
	needs: 'socket',
	writes: false,
	fields: [contactField(), ...limitFields(), simplifyField, refreshOption],
	read: (context, item) => ({
		contact: readContact(context, item),
		limit: readLimit(context, item),
		simplify: readSimplify(context, item),
		refresh: readCollection(context, item, 'options').refresh === true,
	}),
	async perform(owner, { contact, limit, simplify, refresh }) {
		const { jid, phoneJid } = await resolveContact(owner, contact);
		const groups = recentFirst(owner, await asked(owner.groups.all(refresh)));
		const common: JsonObject[] = [];
		for (const group of groups) {
			const participant = participantOf(group, jid, phoneJid);
			if (!participant) continue;
			if (common.length === limit) break;
			const described = await describeGroup(owner, group, simplify);
			common.push({ ...described, contactRole: roleOf(participant) });
		}
		return common;
	},
	sample: [{ ...GROUP_SAMPLE, contactRole: 'member' }],
});
