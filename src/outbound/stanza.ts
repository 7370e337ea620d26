/**
 * What a stanza says about the message inside, so that servers and clients that cannot read it know
 * what to do: as Baileys' sendMessage does it (lib/Socket/messages-send.js).
 */
import type { BinaryNode, proto } from '@whiskeysockets/baileys';

export interface StanzaParts {
	additionalAttributes: Record<string, string>;
	additionalNodes: BinaryNode[];
}

const meta = (attrs: Record<string, string>): BinaryNode => ({ tag: 'meta', attrs });

/** The `edit` attribute (1 edit, 2 pin, 7 delete one's own, 8 delete as an admin) and `meta` nodes. */
export function stanzaParts(message: proto.IMessage): StanzaParts {
	const { protocolMessage } = message;
	if (message.pinInChatMessage) return parts({ edit: '2' });
	if (protocolMessage?.memberLabel) {
		return parts({}, [meta({ tag_reason: 'user_update', appdata: 'member_tag' })]);
	}
	if (protocolMessage?.editedMessage) return parts({ edit: '1' });
	if (protocolMessage?.key && !protocolMessage.type) {
		return parts({ edit: protocolMessage.key.fromMe ? '7' : '8' });
	}
	if (
		message.pollCreationMessage ??
		message.pollCreationMessageV2 ??
		message.pollCreationMessageV3
	) {
		return parts({}, [meta({ polltype: 'creation' })]);
	}
	if (message.eventMessage) return parts({}, [meta({ event_type: 'creation' })]);
	return parts({});
}

const parts = (
	additionalAttributes: Record<string, string>,
	additionalNodes: BinaryNode[] = [],
): StanzaParts => ({ additionalAttributes, additionalNodes });
