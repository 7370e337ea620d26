/** What the events about the connection share. */
import { noticeEvent } from './notice';
import { ofAccount } from './samples';
import type { AccountChange, EventDefinition } from './types';

type Ended = Exclude<AccountChange, { kind: 'connected' }>;

/** A definition's ear for one way in which the connection ended. */
export function onEnded(name: string, kind: Ended['kind']): Pick<EventDefinition, 'on'> {
	return {
		on: {
			async 'linked.account'(change, context) {
				if (change.kind !== kind) return [];
				const { at, reason, explanation, nextTry } = change;
				const event = await noticeEvent(name, context, { id: String(at), at });
				const again = nextTry === null ? null : new Date(nextTry).toISOString();
				return [{ event: { ...event, reason, explanation, nextTry: again } }];
			},
		},
	};
}

/** The example that belongs to it. */
export function endedSample(name: string, reason: string, explanation: string) {
	return ofAccount(name, { reason, explanation, nextTry: null });
}
