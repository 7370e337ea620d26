import type { Resource } from '../types';
import { deleteForEveryone, deleteForMe } from './delete';
import { downloadMedia } from './downloadMedia';
import { edit } from './edit';
import { forward } from './forward';
import { get } from './get';
import { getPollResults } from './getPollResults';
import { getReactions } from './getReactions';
import { getReceipts } from './getReceipts';
import { getReplies } from './getReplies';
import { markRead } from './markRead';
import { pin, unpin } from './pin';
import { react, removeReaction } from './react';
import { search } from './search';
import { sendAlbum } from './sendAlbum';
import { sendAndWait } from './sendAndWait';
import { sendContacts } from './sendContacts';
import { sendEvent } from './sendEvent';
import { sendLiveLocation, sendLocation } from './sendLocation';
import {
	sendAudio,
	sendFile,
	sendGif,
	sendImage,
	sendSticker,
	sendVideo,
	sendVideoNote,
	sendVoice,
} from './sendMedia';
import { sendPoll } from './sendPoll';
import { sendStatus } from './sendStatus';
import { sendText } from './sendText';
import { star, unstar } from './star';
import { waitForReceipt } from './waitForReceipt';

export const message: Resource = {
	value: 'message',
	name: 'Message',
	default: 'sendText',
	operations: [
		sendText,
		sendImage,
		sendVideo,
		sendGif,
		sendVideoNote,
		sendAudio,
		sendVoice,
		sendFile,
		sendSticker,
		sendAlbum,
		sendContacts,
		sendLocation,
		sendLiveLocation,
		sendPoll,
		sendEvent,
		sendStatus,
		sendAndWait,
		react,
		removeReaction,
		edit,
		downloadMedia,
		forward,
		deleteForEveryone,
		deleteForMe,
		pin,
		unpin,
		star,
		unstar,
		markRead,
		waitForReceipt,
		get,
		search,
		getReplies,
		getReactions,
		getReceipts,
		getPollResults,
	],
};
