import type { WASocket } from '@whiskeysockets/baileys';
import { asked } from '../asked';
import { readTimer, timerField } from '../timer';
import { defineOperation } from '../types';

type Params = { seconds: number };

/** The time in seconds; 0 for never. */
export const setDefaultTimerTo = async (socket: WASocket, seconds: number): Promise<void> =>
	await socket.updateDefaultDisappearingMode(seconds);

export const setDefaultTimer = defineOperation<Params>({
	resource: 'account',
	operation: 'setDefaultTimer',
	name: 'Set Default Message Timer',
	description:
		'Set after which time messages of new chats disappear; chats that are there already keep theirs',
	action: 'Set the default message timer',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [timerField('When messages of new chats disappear')],
	read: (context, item) => ({ seconds: readTimer(context, item) }),
	async perform(owner, { seconds }) {
		await asked(setDefaultTimerTo(await owner.socket(), seconds));
		return { defaultTimerSeconds: seconds };
	},
	sample: { defaultTimerSeconds: 604_800 },
});
