import { parseJid, sameJid } from '../../wa/ids';
import { asked } from '../asked';
import { defineOperation } from '../types';
import { isBusiness, ownNumber } from './own';

export const getDevice = defineOperation({
	resource: 'account',
	operation: 'getDevice',
	name: 'Get Linked Devices',
	description: 'Get the number, this linked device, and the other devices of the account',
	action: 'Get the linked devices of the account',
	needs: 'socket',
	writes: false,
	fields: [],
	read: () => ({}),
	async perform(owner) {
		const socket = await owner.socket();
		const { me, platform } = socket.authState.creds;
		const device = parseJid(me?.id)?.device ?? 0;
		const found = await asked(socket.getUSyncDevices([owner.me.phone ?? ''], false, false));
		const own = (jid: string) => sameJid(jid, owner.me.phone) || sameJid(jid, owner.me.lid);
		const others = found
			.filter(({ jid }) => own(jid))
			.map((each) => each.device ?? 0)
			.filter((each) => each !== device);
		return {
			number: ownNumber(owner),
			lid: owner.me.lid,
			name: me?.name ?? null,
			phonePlatform: platform ?? null,
			isBusiness: isBusiness(socket),
			device,
			deviceName: owner.settings.deviceName,
			devices: [...new Set([...others, device])]
				.sort((a, b) => a - b)
				.map((each) => ({ device: each, isPhone: each === 0, isThis: each === device })),
		};
	},
	sample: {
		number: '+15550100101',
		lid: '200000000000101@lid',
		name: 'Anna',
		phonePlatform: 'android',
		isBusiness: false,
		device: 7,
		deviceName: 'n8n',
		devices: [
			{ device: 0, isPhone: true, isThis: false },
			{ device: 7, isPhone: false, isThis: true },
		],
	},
});
