/** What the three events about calls share. */
import { noticeEvent } from './notice';
import type { CallPhase, EventDefinition } from './types';

/** A definition's ear for one phase of calls. */
export function onCall(name: string, phase: CallPhase['phase']): Pick<EventDefinition, 'on'> {
	return {
		on: {
			async 'linked.call'({ call, phase: now, outcome }, context) {
				if (now !== phase) return [];
				const { id, from, callerPn, groupJid, date, isVideo, isGroup, offline } = call;
				const base = await noticeEvent(name, context, {
					id,
					at: Number.isNaN(date.getTime()) ? undefined : date.getTime(),
					chat: groupJid ? [groupJid] : [from, callerPn],
					from: [from, callerPn],
				});
				const event = {
					...base,
					callId: id,
					video: isVideo ?? false,
					groupCall: isGroup ?? false,
					offline: offline ?? false,
					...(outcome && { outcome }),
				};
				return [{ event }];
			},
		},
	};
}
