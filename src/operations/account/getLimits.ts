import { LinkedError } from '../../errors';
import { asked } from '../asked';
import { defineOperation, type JsonObject } from '../types';

export const getLimits = defineOperation({
	resource: 'account',
	operation: 'getLimits',
	name: 'Get Restrictions',
	description:
		'Get what WhatsApp itself says about this number: whether it may begin new chats, and how many it may still begin. Nothing here means that it says nothing, not that the number is safe.',
	action: 'Get the restrictions of the number',
	needs: 'socket',
	writes: false,
	fields: [],
	read: () => ({}),
	async perform(owner) {
		const socket = await owner.socket();
		const [timelock, newChats] = await Promise.all([
			told(socket.fetchAccountReachoutTimelock()),
			told(socket.fetchNewChatMessageCap()),
		]);
		if (!timelock.answer && !newChats.answer && timelock.refusal) throw timelock.refusal;
		const { isActive, timeEnforcementEnds, enforcementType } = timelock.answer ?? {};
		return {
			timelock: timelock.answer
				? {
						isActive: isActive === true,
						endsAt: timeEnforcementEnds ? timeEnforcementEnds.toISOString() : null,
						type: enforcementType ?? null,
					}
				: null,
			// As WhatsApp says it: its names and values change.
			messageCap: (newChats.answer as unknown as JsonObject | undefined) ?? null,
		};
	},
	sample: {
		timelock: { isActive: false, endsAt: null, type: 'DEFAULT' },
		messageCap: {
			total_quota: 1000,
			used_quota: 12,
			cycle_start_timestamp: '1795426200',
			cycle_end_timestamp: '1798018200',
			capping_status: 'NONE',
		},
	},
});

/** WhatsApp does not answer both for every number; one that is missing must not hide the other. */
async function told<T>(answer: Promise<T>): Promise<{ answer?: T; refusal?: LinkedError }> {
	try {
		return { answer: await asked(answer) };
	} catch (error) {
		return { refusal: LinkedError.from(error) };
	}
}
