import type { Resource } from '../types';
import { block, unblock } from './block';
import { checkNumbers } from './checkNumbers';
import { get } from './get';
import { getAbout } from './getAbout';
import { getBlocked } from './getBlocked';
import { getBusinessProfile } from './getBusinessProfile';
import { getIds } from './getIds';
import { getMany } from './getMany';
import { getProfilePicture } from './getProfilePicture';
import { remove, save } from './save';

export const contact: Resource = {
	value: 'contact',
	name: 'Contact',
	default: 'getMany',
	operations: [
		block,
		checkNumbers,
		get,
		getAbout,
		getBlocked,
		getBusinessProfile,
		getIds,
		getMany,
		getProfilePicture,
		remove,
		save,
		unblock,
	],
};
