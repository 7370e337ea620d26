import { count } from '../wa/read';
import { noticeEvent } from './notice';
import { ofAccount } from './samples';
import type { EventDefinition } from './types';

/** HistorySync.HistorySyncType */
const PARTS: Readonly<Record<number, string>> = {
	0: 'initial',
	2: 'full',
	3: 'recent',
	4: 'pushNames',
	6: 'onDemand',
};

const partOf = (type: number | null | undefined) => PARTS[type ?? -1] ?? 'other';

export const accountHistorySync: EventDefinition = {
	name: 'account.historySync',
	label: 'Account: History Sync',
	description: 'The phone sends what was written before the number was linked: how far it is',
	on: {
		async 'messaging-history.set'(set, context) {
			const part = partOf(set.syncType);
			const progress = count(set.progress);
			const about = { id: `${part}:${set.chunkOrder ?? ''}:${context.now()}` };
			return [
				{
					event: {
						...(await noticeEvent('account.historySync', context, about)),
						part,
						state: 'running',
						progress,
						chats: set.chats.length,
						contacts: set.contacts.length,
						messages: set.messages.length,
					},
				},
			];
		},
		async 'messaging-history.status'({ syncType, status }, context) {
			const part = partOf(syncType);
			const about = { id: `${part}:${status}:${context.now()}` };
			const event = await noticeEvent('account.historySync', context, about);
			const counts = { progress: null, chats: null, contacts: null, messages: null };
			return [{ event: { ...event, part, state: status, ...counts } }];
		},
	},
	sample: ofAccount('account.historySync', {
		part: 'recent',
		state: 'running',
		progress: 60,
		chats: 40,
		contacts: 40,
		messages: 812,
	}),
};
