import { asked } from '../asked';
import { readCollection } from '../fields';
import { readSimplify, simplifyField } from '../listing';
import { defineOperation } from '../types';
import { GROUP_REFUSALS, groupField, readGroup, resolveGroup } from './field';
import { refreshOption } from './options';
import { describeGroup, GROUP_SAMPLE } from './shape';

type Params = { group: string; simplify: boolean; refresh: boolean };

export const get = defineOperation<Params>({
	resource: 'group',
	operation: 'get',
	name: 'Get',
	description: 'Get the name, description, size and settings of a group that this number is in',
	action: 'Get a group',
	needs: 'socket',
	writes: false,
	fields: [groupField(), simplifyField, refreshOption],
	read: (context, item) => ({
		group: readGroup(context, item),
		simplify: readSimplify(context, item),
		refresh: readCollection(context, item, 'options').refresh === true,
	}),
	async perform(owner, { group, simplify, refresh }) {
		const id = await resolveGroup(owner, group);
		const found = await asked(owner.groups.get(id, refresh), GROUP_REFUSALS);
		return await describeGroup(owner, found, simplify);
	},
	sample: GROUP_SAMPLE,
});
