import { asked } from '../asked';
import { badField, readText } from '../fields';
import { defineOperation } from '../types';

type Params = { about: string };

/** The limit of the apps. */
const MAX_LENGTH = 139;

export const updateAbout = defineOperation<Params>({
	resource: 'account',
	operation: 'updateAbout',
	name: 'Update About',
	description: 'Change the short text under the own name',
	action: 'Update the own about text',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		{
			displayName: 'About',
			name: 'about',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. At the lake',
			description: `The new text, ${MAX_LENGTH} characters at most`,
		},
	],
	read(context, item) {
		const about = readText(context, item, 'about').trim();
		if (!about) throw badField('About', 'it is empty.');
		if ([...about].length > MAX_LENGTH) {
			throw badField('About', `it is longer than ${MAX_LENGTH} characters.`);
		}
		return { about };
	},
	async perform(owner, { about }) {
		const socket = await owner.socket();
		await asked(socket.updateProfileStatus(about));
		return { about };
	},
	sample: { about: 'At the lake' },
});
