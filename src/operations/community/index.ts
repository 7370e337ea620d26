import type { Resource } from '../types';
import { create, createCommunityGroup } from './create';
import { getAnnouncementGroup, getGroups, linkGroup, unlinkGroup } from './groups';
import { getMany, getParticipants, leave, removeParticipants } from './members';

export const community: Resource = {
	value: 'community',
	name: 'Community',
	default: 'getMany',
	operations: [
		getMany,
		getGroups,
		getAnnouncementGroup,
		getParticipants,
		create,
		createCommunityGroup,
		linkGroup,
		unlinkGroup,
		removeParticipants,
		leave,
	],
};
