import type { Resource } from '../types';
import { archive, unarchive } from './archive';
import { clear } from './clear';
import { deleteChat } from './delete';
import { exportChat } from './export';
import { fetchOlder } from './fetchOlder';
import { get } from './get';
import { getMany } from './getMany';
import { getMessages } from './getMessages';
import { getPresence } from './getPresence';
import { markRead, markUnread } from './mark';
import { importChat } from './import';
import { mute, unmute } from './mute';
import { pin, unpin } from './pin';
import { setTimer } from './setTimer';
import { setTyping } from './setTyping';

export const chat: Resource = {
	value: 'chat',
	name: 'Chat',
	default: 'getMany',
	operations: [
		archive,
		clear,
		deleteChat,
		exportChat,
		fetchOlder,
		get,
		getMany,
		getMessages,
		getPresence,
		importChat,
		markRead,
		markUnread,
		mute,
		pin,
		setTimer,
		setTyping,
		unarchive,
		unmute,
		unpin,
	],
};
