/** The Community field. A community is a group that others are part of; its id is that of a group. */
import type { INodeProperties } from 'n8n-workflow';
import { locatorField, pickOrType } from '../locator';

export const communityField = (options: Partial<INodeProperties> = {}): INodeProperties =>
	locatorField(
		'Community',
		'community',
		pickOrType('searchCommunities', {
			displayName: 'ID',
			placeholder: 'e.g. 120363000000000009@g.us',
		}),
		options,
	);

export const COMMUNITY_ID = '120363000000000009@g.us';
