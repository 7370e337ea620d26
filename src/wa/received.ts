import type { WAMessage } from '@whiskeysockets/baileys';

import { contentOf } from './content';
import { kindOfReceived } from './kind';
import type { MessageContent } from './types';

/** Nobody changes a message that Baileys has told of: what differs is another object. */
const READ = new WeakMap<WAMessage, MessageContent>();

/** What a message that came is and says, read once for everybody who asks; not to be written into. */
export function received(message: WAMessage): Readonly<MessageContent> {
	let content = READ.get(message);
	if (!content) {
		content = contentOf(message.message);
		const kind = kindOfReceived(message);
		if (kind !== content.kind) content = { ...content, kind };
		READ.set(message, content);
	}
	return content;
}
