import { asked } from '../asked';
import { changeAppState } from '../appState';
import { badField, readText } from '../fields';
import { defineOperation } from '../types';

type Params = { name: string };

/** The limit of the apps, in characters as people count them. */
const MAX_LENGTH = 25;

export const updateName = defineOperation<Params>({
	resource: 'account',
	operation: 'updateName',
	name: 'Update Name',
	description: 'Change the own name, which people see who have not saved this number',
	action: 'Update the own name',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		{
			displayName: 'Name',
			name: 'name',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Anna',
			description: `The new name, ${MAX_LENGTH} characters at most`,
		},
	],
	read(context, item) {
		const name = readText(context, item, 'name').trim();
		if (!name) throw badField('Name', 'it is empty.');
		if ([...name].length > MAX_LENGTH) {
			throw badField('Name', `it is longer than ${MAX_LENGTH} characters.`);
		}
		return { name };
	},
	async perform(owner, { name }) {
		await changeAppState(owner, {
			syncAction: { pushNameSetting: { name } },
			index: ['setting_pushName'],
			type: 'critical_block',
			apiVersion: 1,
		});
		// Others learn it from the presence, which carries the name.
		await asked(owner.online.tell(await owner.socket()));
		return { name };
	},
	sample: { name: 'Anna' },
});
