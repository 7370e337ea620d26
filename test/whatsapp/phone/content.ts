/** Message contents as phones make them. */
import { randomBytes } from 'node:crypto';

import type { PersonalInvite } from './groups';
import { type proto, wa } from './proto';
import { gcmDecrypt, gcmEncrypt, hmacSha256, sha256 } from './signal/kdf';

/** Names a message from the point of view of whoever wrote or got it. */
export interface Keyed {
	readonly key: proto.IMessageKey;
	readonly message: proto.IMessage;
}

export interface TextOptions {
	/** Answer to this message. */
	quote?: Keyed;
	/** Addresses of people who are mentioned (the text has to hold `@digits` itself). */
	mentions?: string[];
	/** Say that it was forwarded. */
	forwarded?: boolean;
	/** Seconds until it disappears. */
	expiration?: number;
}

/** Real phones give every message a secret: votes, reactions and reports of it are bound to it. */
const withSecret = (message: proto.IMessage): proto.IMessage => ({
	...message,
	messageContextInfo: { messageSecret: randomBytes(32) },
});

function contextOf(options: TextOptions, me: string): proto.IContextInfo | undefined {
	const { quote, mentions, forwarded, expiration } = options;
	if (!quote && !mentions && !forwarded && !expiration) return undefined;
	return {
		stanzaId: quote?.key.id,
		participant: quote && (quote.key.fromMe ? me : (quote.key.participant ?? quote.key.remoteJid)),
		quotedMessage: quote?.message,
		mentionedJid: mentions,
		isForwarded: forwarded,
		forwardingScore: forwarded ? 1 : undefined,
		expiration,
	};
}

/** @param me own address, for quotes of own messages */
export function text(content: string, options: TextOptions, me: string): proto.IMessage {
	const contextInfo = contextOf(options, me);
	return withSecret(
		contextInfo
			? { extendedTextMessage: { text: content, contextInfo } }
			: { conversation: content },
	);
}

/** An empty emoji takes the reaction back. */
export const reaction = (to: Keyed, emoji: string, nowMs: number): proto.IMessage => ({
	reactionMessage: { key: to.key, text: emoji, senderTimestampMs: nowMs },
});

export const edit = (of: Keyed, content: string, nowMs: number): proto.IMessage => ({
	protocolMessage: {
		type: wa().Message.ProtocolMessage.Type.MESSAGE_EDIT,
		key: of.key,
		editedMessage: { conversation: content },
		timestampMs: nowMs,
	},
});

/** A reaction that only those can read who have the message; see sealedEdit. */
export function sealedReaction(
	to: Keyed & { id: string },
	emoji: string,
	author: string,
	me: string,
	nowMs: number,
): proto.IMessage {
	const secret = to.message.messageContextInfo?.messageSecret;
	if (!secret) throw new Error('A message without secret cannot be reacted to like this');
	const encIv = randomBytes(12);
	const plain = wa()
		.Message.ReactionMessage.encode({ text: emoji, senderTimestampMs: nowMs })
		.finish();
	const key = secretKey(secret, to.id, author, me, 'Enc Reaction');
	return {
		encReactionMessage: {
			targetMessageKey: to.key,
			encPayload: gcmEncrypt(key, encIv, plain),
			encIv,
		},
	};
}

/**
 * An edit that only those can read who have the edited message: AES-GCM with a key made of its secret
 * (whatsmeow's msgsecret.go, "Message Edit"); unlike a vote without further data.
 * @param me own address, in the form in which the chat names people
 */
export function sealedEdit(
	of: Keyed & { message: proto.IMessage; id: string },
	content: string,
	me: string,
	nowMs: number,
): proto.IMessage {
	const secret = of.message.messageContextInfo?.messageSecret;
	if (!secret) throw new Error('A message without secret cannot be edited like this');
	const key = secretKey(secret, of.id, me, me, 'Message Edit');
	const encIv = randomBytes(12);
	const plain = wa()
		.Message.encode(edit(of, content, nowMs))
		.finish();
	const encPayload = gcmEncrypt(key, encIv, plain);
	const { MESSAGE_EDIT } = wa().Message.SecretEncryptedMessage.SecretEncType;
	return {
		secretEncryptedMessage: {
			targetMessageKey: of.key,
			encPayload,
			encIv,
			secretEncType: MESSAGE_EDIT,
		},
	};
}

export const revoke = (of: Keyed): proto.IMessage => ({
	protocolMessage: { type: wa().Message.ProtocolMessage.Type.REVOKE, key: of.key },
});

/** @param seconds how long it stays pinned; 0 takes it down */
export const pin = (of: Keyed, seconds: number, nowMs: number): proto.IMessage => {
	const { Type } = wa().Message.PinInChatMessage;
	return {
		pinInChatMessage: {
			key: of.key,
			type: seconds ? Type.PIN_FOR_ALL : Type.UNPIN_FOR_ALL,
			senderTimestampMs: nowMs,
		},
		messageContextInfo: { messageAddOnDurationInSecs: seconds || undefined },
	};
};

export const location = (latitude: number, longitude: number, name?: string): proto.IMessage =>
	withSecret({
		locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name },
	});

/** @param phone digits of the contact's number */
export const contact = (name: string, phone: string): proto.IMessage => {
	const vcard = [
		'BEGIN:VCARD',
		'VERSION:3.0',
		`FN:${name}`,
		`TEL;type=CELL;waid=${phone}:+${phone}`,
		'END:VCARD',
	].join('\n');
	return withSecret({ contactMessage: { displayName: name, vcard } });
};

export const groupInvite = (
	groupJid: string,
	groupName: string,
	{ code, expiration }: PersonalInvite,
): proto.IMessage =>
	withSecret({
		groupInviteMessage: {
			groupJid,
			groupName,
			inviteCode: code,
			inviteExpiration: expiration,
			caption: 'Invitation to join my WhatsApp group',
		},
	});

/** @param selectable how many options one may choose; 0 = any number */
export const poll = (name: string, options: string[], selectable = 1): proto.IMessage => {
	const content = {
		name,
		options: options.map((optionName) => ({ optionName })),
		selectableOptionsCount: selectable,
	};
	return withSecret(
		selectable === 1 ? { pollCreationMessageV3: content } : { pollCreationMessage: content },
	);
};

export const disappearing = (seconds: number): proto.IMessage => ({
	protocolMessage: {
		type: wa().Message.ProtocolMessage.Type.EPHEMERAL_SETTING,
		ephemeralExpiration: seconds,
	},
});

/** The key for what one person does with a message that has this secret (Baileys: decryptPollVote). */
function secretKey(secret: Uint8Array, id: string, author: string, who: string, use: string) {
	const extracted = hmacSha256(Buffer.alloc(32), secret);
	return hmacSha256(extracted, Buffer.from(`${id}${author}${who}${use}`), Buffer.from([1]));
}

const voteKey = (secret: Uint8Array, pollId: string, creator: string, voter: string) =>
	secretKey(secret, pollId, creator, voter, 'Poll Vote');

const voteAad = (pollId: string, voter: string): Buffer => Buffer.from(`${pollId}\0${voter}`);

/**
 * A vote in a poll that the phone knows.
 * @param creator address of the poll's author, in the form in which the chat names people
 * @param voter own address, in the same form
 */
export function vote(
	of: Keyed,
	choice: string[],
	creator: string,
	voter: string,
	nowMs: number,
): proto.IMessage {
	const secret = of.message.messageContextInfo?.messageSecret;
	const id = of.key.id ?? '';
	if (!secret) throw new Error('This poll has no secret to vote with');
	const selectedOptions = choice.map((name) => sha256(Buffer.from(name)));
	const iv = randomBytes(12);
	const encPayload = gcmEncrypt(
		voteKey(secret, id, creator, voter),
		iv,
		wa().Message.PollVoteMessage.encode({ selectedOptions }).finish(),
		voteAad(id, voter),
	);
	return {
		pollUpdateMessage: {
			pollCreationMessageKey: of.key,
			vote: { encPayload, encIv: iv },
			senderTimestampMs: nowMs,
		},
	};
}

/** The names that somebody chose; throws when the vote was made for another poll or voter. */
export function readVote(
	pollMessage: Keyed,
	update: proto.Message.IPollUpdateMessage,
	creator: string,
	voter: string,
): string[] {
	const secret = pollMessage.message.messageContextInfo?.messageSecret ?? Buffer.alloc(0);
	const id = pollMessage.key.id ?? '';
	const plain = gcmDecrypt(
		voteKey(secret, id, creator, voter),
		update.vote?.encIv ?? Buffer.alloc(12),
		update.vote?.encPayload ?? Buffer.alloc(16),
		voteAad(id, voter),
	);
	const { selectedOptions } = wa().Message.PollVoteMessage.decode(plain);
	const created =
		pollMessage.message.pollCreationMessageV3 ?? pollMessage.message.pollCreationMessage;
	return (created?.options ?? [])
		.map(({ optionName }) => optionName ?? '')
		.filter((name) =>
			selectedOptions.some((hash) => sha256(Buffer.from(name)).equals(Buffer.from(hash))),
		);
}
