import { asked } from '../asked';
import { chatField, checkChat, readChat } from '../chat';
import { readTimer, timerField } from '../timer';
import { defineOperation, type Owner } from '../types';
import { isGroup } from '../../wa/ids';
import { resolveListed } from './place';

type Params = { chat: string; seconds: number };

/** ProtocolMessage.Type.EPHEMERAL_SETTING */
const EPHEMERAL_SETTING = 3;

export const setTimer = defineOperation<Params>({
	resource: 'chat',
	operation: 'setTimer',
	name: 'Set Disappearing Messages',
	description:
		'Set after which time new messages of a chat disappear, for everybody in it; a notice in the chat tells them. In groups it may need an admin.',
	action: 'Set the disappearing messages of a chat',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		chatField({ description: 'The person or group' }),
		timerField('When new messages disappear; older ones stay as they are'),
	],
	read: (context, item) => ({
		chat: checkChat(readChat(context, item)),
		seconds: readTimer(context, item),
	}),
	async perform(owner, { seconds, ...params }) {
		const chat = await resolveListed(owner, params.chat);
		if (isGroup(chat)) await setForGroup(owner, chat, seconds);
		else {
			await owner.send({
				to: chat,
				message: {
					protocolMessage: { type: EPHEMERAL_SETTING, ephemeralExpiration: seconds },
				},
			});
		}
		return { chat, disappearingSeconds: seconds };
	},
	sample: { chat: '200000000000101@lid', disappearingSeconds: 604_800 },
});

async function setForGroup(owner: Owner, group: string, seconds: number): Promise<void> {
	const socket = await owner.socket();
	await asked(socket.groupToggleEphemeral(group, seconds));
}
