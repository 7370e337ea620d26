import { noticeEvent } from './notice';
import { ofAccount } from './samples';
import type { EventDefinition } from './types';

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

export const accountWarning: EventDefinition = {
	name: 'account.warning',
	label: 'Account: Warning',
	description:
		'Something that may lead to a restriction: WhatsApp warns of its cap or refused a message, few people answer, or a limit of the credential was reached',
	on: {
		async 'linked.warning'({ at, reason, explanation, advice, rule, until, cap }, context) {
			const event = await noticeEvent('account.warning', context, { id: `${reason}:${at}`, at });
			return [
				{
					event: {
						...event,
						reason,
						explanation,
						advice,
						limit: rule,
						until: iso(until),
						cap: cap ? { ...cap, cycleEnds: iso(cap.cycleEnds) } : null,
					},
				},
			];
		},
	},
	sample: ofAccount('account.warning', {
		reason: 'cap',
		explanation: 'WhatsApp warns: many messages of this number go to people who do not answer.',
		advice:
			'Begin fewer conversations for a while, and write to people who answer or have written first.',
		limit: null,
		until: null,
		cap: {
			level: 'FIRST_WARNING',
			quota: 1000,
			used: 800,
			cycleEnds: '2026-12-01T00:00:00.000Z',
		},
	}),
};
