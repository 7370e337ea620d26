/** What perform() hands to the outbound path, and what comes of it; see src/outbound. */
import type {
	AnyMessageContent,
	MiscMessageGenerationOptions,
	proto,
	WAMessage,
	WASocket,
} from '@whiskeysockets/baileys';
import type { JsonObject } from './types';

export type SendRequest = {
	/** JID of the chat. */
	to: string;
	/** Which of several messages of one command this is, from 0. */
	part?: number;
	/** Done in the chat's lane right before it is sent, e.g. "typing...". Its failure stops nothing. */
	before?(socket: WASocket): Promise<void>;
} & (
	| {
			/** Content as Baileys' sendMessage takes it. */
			content: AnyMessageContent;
			options?: MiscMessageGenerationOptions;
	  }
	| {
			/** The message itself. */
			message: proto.IMessage;
			quoted?: WAMessage;
			/** Seconds until it disappears. */
			expiresAfter?: number;
			/** For a status: who may see it. */
			audience?: string[];
			/** For a post of a channel: what the server said of the uploaded file. */
			mediaHandle?: string;
	  }
);

/** `dryRun`: nothing was sent because the node asked for that. */
export type SendStatus = 'accepted' | 'unknown' | 'dryRun';

export interface SendResult {
	messageId: string;
	chat: string;
	/** ISO time. */
	timestamp: string;
	/** A rejection is thrown as LinkedError instead. */
	status: SendStatus;
	/** For a post of a channel: what reactions and counts name it by. */
	serverId?: string;
	dryRun?: true;
	/** In a dry run: what would have happened. */
	decision?: JsonObject;
}

export type SendMessage = (request: SendRequest) => Promise<SendResult>;
