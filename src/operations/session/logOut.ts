import { defineOperation } from '../types';

export const logOut = defineOperation({
	resource: 'session',
	operation: 'logOut',
	name: 'Log Out',
	description:
		'Unlink this device from the WhatsApp account. It must be linked again before it can be used.',
	action: 'Log out the number',
	needs: 'session',
	writes: false,
	destructive: true,
	fields: [
		{
			displayName:
				'This unlinks the number from n8n for every workflow that uses this credential. It cannot be undone, only linked again.',
			name: 'logOutNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Erase Stored Data',
			name: 'erase',
			type: 'boolean',
			default: false,
			description:
				'Whether to also remove everything stored for this number: events not delivered yet, history, counters',
		},
	],
	read: (context, item) => ({ erase: context.getNodeParameter('erase', item, false) === true }),
	async perform(owner, { erase }) {
		await owner.session.logOut();
		if (erase) await owner.erase();
		return { loggedOut: true, erased: erase };
	},
	sample: { loggedOut: true, erased: false },
});
