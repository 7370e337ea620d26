import {
	pictureFields,
	readPicture,
	setPicture,
	withPicture,
	type PictureParams,
} from '../picture';
import { defineOperation } from '../types';

export const setOwnPicture = defineOperation<PictureParams>({
	resource: 'account',
	operation: 'setPicture',
	name: 'Set Picture',
	description: 'Set the own profile picture; it is cut to a square',
	action: 'Set the own picture',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: pictureFields,
	read: (context, item) => ({ source: readPicture(context, item) }),
	prepare: withPicture,
	async perform(owner, { picture }) {
		if (!picture) throw new Error('The picture was not read');
		return { pictureId: await setPicture(owner, picture) };
	},
	sample: { pictureId: '1795426200' },
});

export const removePicture = defineOperation({
	resource: 'account',
	operation: 'removePicture',
	name: 'Remove Picture',
	description: 'Take the own profile picture away',
	action: 'Remove the own picture',
	needs: 'socket',
	writes: true,
	repeatable: true,
	destructive: true,
	fields: [],
	read: () => ({}),
	async perform(owner) {
		await setPicture(owner, undefined);
		return { removed: true };
	},
	sample: { removed: true },
});
