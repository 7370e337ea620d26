import { badField, readText } from '../fields';
import { defineOperation } from '../types';

type Params = { online: boolean };

export const setOnline = defineOperation<Params>({
	resource: 'account',
	operation: 'setOnline',
	name: 'Set Online Status',
	description:
		'Show this number as online for as long as n8n is connected, or not. While it is online the phone gives no notifications; the presence of others is told only while it is online.',
	action: 'Set the own online status',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		{
			displayName: 'Status',
			name: 'status',
			type: 'options',
			options: [
				{
					name: 'Offline',
					value: 'offline',
					description: 'Not shown as online by n8n; the default',
				},
				{
					name: 'Online',
					value: 'online',
					description: 'Also after reconnects, until it is set to Offline',
				},
			],
			default: 'offline',
		},
	],
	read(context, item) {
		const status = readText(context, item, 'status');
		if (status !== 'online' && status !== 'offline') {
			throw badField('Status', 'it must be online or offline.');
		}
		return { online: status === 'online' };
	},
	async perform(owner, { online }) {
		await owner.online.set(await owner.socket(), online);
		return { online };
	},
	sample: { online: true },
});
