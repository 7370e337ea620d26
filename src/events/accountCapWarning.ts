import { count, isoTime, str } from '../wa/read';
import { noticeEvent } from './notice';
import { ofAccount } from './samples';
import type { EventDefinition } from './types';

export const accountCapWarning: EventDefinition = {
	name: 'account.capWarning',
	label: 'Account: Cap Warning',
	description: 'WhatsApp says how many new chats this number may still begin',
	on: {
		async 'message-capping.update'(info, context) {
			const level = str(info.capping_status) ?? 'NONE';
			const quota = count(info.total_quota);
			const used = count(info.used_quota);
			const cycleEnds = isoTime(info.cycle_end_timestamp, 'seconds');
			const event = await noticeEvent('account.capWarning', context, {
				id: `${level}:${used ?? ''}:${quota ?? ''}:${cycleEnds ?? ''}`,
			});
			return [{ event: { ...event, level, quota, used, cycleEnds } }];
		},
	},
	sample: ofAccount('account.capWarning', {
		level: 'FIRST_WARNING',
		quota: 1000,
		used: 800,
		cycleEnds: '2026-12-01T00:00:00.000Z',
	}),
};
