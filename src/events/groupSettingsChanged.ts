import { parametersOf, STUB, stubOf } from './groupNotice';
import { aboutMessage } from './messageBase';
import { inGroup } from './samples';
import type { EventDefinition, MessageInput } from './types';

const isOn = (value: string | undefined) => value === 'on' || value === 'true';

/** The changed setting, or undefined when it is about something else. */
function settingOf(input: MessageInput): { setting: string; value: unknown } | undefined {
	const [value] = parametersOf(input);
	switch (stubOf(input)) {
		case STUB.announce:
			return { setting: 'onlyAdminsWrite', value: isOn(value) };
		case STUB.restrict:
			return { setting: 'onlyAdminsEdit', value: isOn(value) };
		case STUB.memberAddMode:
			return { setting: 'membersMayAdd', value: value === 'all_member_add' };
		case STUB.joinApproval:
			return { setting: 'joinNeedsApproval', value: isOn(value) };
		default: {
			const { setting } = input.content;
			if (!setting || !input.message.key.remoteJid?.endsWith('@g.us')) return undefined;
			return { setting: setting.name, value: setting.value };
		}
	}
}

export const groupSettingsChanged: EventDefinition = {
	name: 'group.settingsChanged',
	label: 'Group: Settings Changed',
	description:
		'A setting of a group changed: who may write, edit or add people, approval of new members, disappearing messages, a member’s tag',
	fromMessage(input, context) {
		const changed = settingOf(input);
		if (!changed) return;
		return (async () => {
			const event = await aboutMessage('group.settingsChanged', input, context);
			return [{ event: { ...event, messageId: null, ...changed } }];
		})();
	},
	sample: inGroup('group.settingsChanged', {
		offline: false,
		setting: 'onlyAdminsWrite',
		value: true,
	}),
};
