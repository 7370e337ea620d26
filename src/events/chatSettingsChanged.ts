import { aboutMessage } from './messageBase';
import { inChat } from './samples';
import type { EventDefinition } from './types';

export const chatSettingsChanged: EventDefinition = {
	name: 'chat.settingsChanged',
	label: 'Chat: Settings Changed',
	description: 'Somebody changed a setting of a direct chat, for example disappearing messages',
	fromMessage(input, context) {
		const { setting } = input.content;
		if (!setting || !/@(lid|s\.whatsapp\.net)$/.test(input.message.key.remoteJid ?? '')) return;
		return (async () => {
			const event = await aboutMessage('chat.settingsChanged', input, context);
			const changed = { setting: setting.name, value: setting.value };
			return [{ event: { ...event, messageId: null, ...changed } }];
		})();
	},
	sample: inChat('chat.settingsChanged', {
		messageId: null,
		offline: false,
		setting: 'disappearingSeconds',
		value: 86_400,
	}),
};
