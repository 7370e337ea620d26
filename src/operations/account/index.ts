import type { Resource } from '../types';
import { getDevice } from './getDevice';
import { getLimits } from './getLimits';
import { getPrivacy } from './getPrivacy';
import { getProfile } from './getProfile';
import { removePicture, setOwnPicture } from './picture';
import { setDefaultTimer } from './setDefaultTimer';
import { setOnline } from './setOnline';
import { updateAbout } from './updateAbout';
import { updateName } from './updateName';
import { updatePrivacy } from './updatePrivacy';

export const account: Resource = {
	value: 'account',
	name: 'Account',
	default: 'getProfile',
	operations: [
		getDevice,
		getLimits,
		getPrivacy,
		getProfile,
		removePicture,
		setDefaultTimer,
		setOnline,
		updateAbout,
		updateName,
		setOwnPicture,
		updatePrivacy,
	],
};
