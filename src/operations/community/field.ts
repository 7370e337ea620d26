/** The Community field. A community is a group that others are part of; its id is that of a group. */
import type { INodeProperties } from 'n8n-workflow';
import { groupField } from '../group/field';

export function communityField(options: Partial<INodeProperties> = {}): INodeProperties {
	return groupField({
		displayName: 'Community',
		name: 'community',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod: 'searchCommunities', searchable: true },
			},
			{
				displayName: 'ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 120363000000000009@g.us',
			},
		],
		...options,
	});
}

export const COMMUNITY_ID = '120363000000000009@g.us';
