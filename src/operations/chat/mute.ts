import { changeAppState } from '../appState';
import { chatField, checkChat, readChat } from '../chat';
import { badField, readText } from '../fields';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { resolveListed } from './place';

const HOUR_MS = 60 * 60_000;
/** What the apps offer, in milliseconds; -1 is for good (as in whatsmeow's BuildMuteAbs). */
const TIMES: Readonly<Record<string, number>> = {
	'8h': 8 * HOUR_MS,
	'1w': 168 * HOUR_MS,
	always: -1,
};

type Params = { chat: string; time: string };

/** @param until milliseconds since the epoch; -1 for good, 0 not muted */
async function setMuted(owner: Owner, typed: string, until: number): Promise<JsonObject> {
	const chat = await resolveListed(owner, typed);
	await changeAppState(owner, {
		syncAction: { muteAction: { muted: until !== 0, muteEndTimestamp: until || undefined } },
		index: ['mute', chat],
		type: 'regular_high',
		apiVersion: 2,
	});
	const mutedUntil = until > 0 ? new Date(until).toISOString() : null;
	return { chat, muted: until !== 0, mutedUntil };
}

export const mute = defineOperation<Params>({
	resource: 'chat',
	operation: 'mute',
	name: 'Mute',
	description: 'Stop notifications of a chat on the own devices; others do not see it',
	action: 'Mute a chat',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		chatField({ description: 'The person or group' }),
		{
			displayName: 'For',
			name: 'time',
			type: 'options',
			options: [
				{ name: '8 Hours', value: '8h' },
				{ name: '1 Week', value: '1w' },
				{ name: 'Always', value: 'always' },
			],
			default: '8h',
			description: 'How long it stays muted',
		},
	],
	read(context, item) {
		const time = readText(context, item, 'time');
		if (!Object.hasOwn(TIMES, time)) throw badField('For', 'it must be 8h, 1w or always.');
		return { chat: checkChat(readChat(context, item)), time };
	},
	async perform(owner, { chat, time }) {
		const forMs = TIMES[time] ?? -1;
		return await setMuted(owner, chat, forMs > 0 ? owner.clock.now() + forMs : forMs);
	},
	sample: {
		chat: '200000000000101@lid',
		muted: true,
		mutedUntil: '2026-11-23T17:30:00.000Z',
	},
});

export const unmute = defineOperation<{ chat: string }>({
	resource: 'chat',
	operation: 'unmute',
	name: 'Unmute',
	description: 'Let a muted chat notify again',
	action: 'Unmute a chat',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [chatField({ description: 'The person or group' })],
	read: (context, item) => ({ chat: checkChat(readChat(context, item)) }),
	perform: async (owner, { chat }) => await setMuted(owner, chat, 0),
	sample: { chat: '200000000000101@lid', muted: false, mutedUntil: null },
});
