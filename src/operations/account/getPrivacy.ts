import { defineOperation } from '../types';
import { fetchPrivacy } from './privacy';
import { PRIVACY } from './sample';

export const getPrivacy = defineOperation({
	resource: 'account',
	operation: 'getPrivacy',
	name: 'Get Privacy Settings',
	description: 'Get who may see, call, message and add this number',
	action: 'Get the privacy settings',
	needs: 'socket',
	writes: false,
	fields: [],
	read: () => ({}),
	perform: fetchPrivacy,
	sample: PRIVACY,
});
