import { ackInfo } from '../wa/ack';
import { noticeEvent } from './notice';
import { inChat, ME, ANNA } from './samples';
import type { EventDefinition, Normalised } from './types';

/** WebMessageInfo.Status.ERROR */
const ERROR = 0;

export const messageFailed: EventDefinition = {
	name: 'message.failed',
	label: 'Message: Failed',
	description: 'WhatsApp refused a message of this number after it was sent',
	byOwner: true,
	on: {
		async 'messages.update'(updates, context) {
			const found: Normalised[] = [];
			for (const { key, update } of updates) {
				if (!key.fromMe || !key.id || update.status !== ERROR) continue;
				const [code = ''] = (update.messageStubParameters ?? []).map(String);
				const { code: number, name, meaning } = ackInfo(code);
				const event = await noticeEvent('message.failed', context, {
					id: `${(await context.chat(key.remoteJid)) ?? ''}:${key.id}`,
					chat: [key.remoteJid, key.remoteJidAlt],
					byMe: true,
					messageId: key.id,
				});
				found.push({ event: { ...event, code: number, reason: name, explanation: meaning } });
			}
			return found;
		},
	},
	sample: inChat('message.failed', {
		id: 'message.failed:200000000000101@lid:3EB0A1B2C3D4E5F60718',
		from: ME,
		fromMe: true,
		to: ANNA,
		code: 463,
		reason: 'account-restricted',
		explanation: ackInfo(463).meaning,
	}),
};
