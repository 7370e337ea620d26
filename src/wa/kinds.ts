import type { proto } from '@whiskeysockets/baileys';

/** What a message is, in the words of our event JSON. */
export type MessageKind =
	| 'text'
	| 'image'
	| 'video'
	| 'gif'
	| 'ptv' // round video note
	| 'audio'
	| 'voice'
	| 'file'
	| 'sticker'
	| 'stickerPack'
	| 'contact'
	| 'contacts'
	| 'location'
	| 'liveLocation'
	| 'poll'
	| 'pollVote'
	| 'pollResult'
	| 'event'
	| 'eventResponse'
	| 'album'
	| 'reaction'
	| 'edit'
	| 'delete'
	| 'pin'
	| 'keep' // kept in a chat with disappearing messages
	| 'comment'
	| 'answer' // to a question asked in a channel or status
	| 'buttons' // a message of a business with buttons, a list or cards to choose from
	| 'buttonReply'
	| 'listReply'
	| 'product'
	| 'order'
	| 'payment'
	| 'groupInvite'
	| 'channelInvite'
	| 'callLog'
	| 'callInvite' // a scheduled call or a call link
	| 'statusNotice' // somebody mentioned us in a status, added to it, or shared it
	| 'phoneRequest' // asks for, or shares, a phone number that is hidden behind a LID
	| 'setting' // a chat setting changed: disappearing messages, sharing, member tag
	| 'viewOnce' // a view-once message that linked devices do not get
	| 'hidden' // something else that linked devices do not get
	| 'undecryptable'
	| 'system' // a notice WhatsApp puts into the chat
	| 'internal' // between WhatsApp's own programs; nothing for people
	| 'unsupported'; // a kind this version does not know

/** What a field of proto.Message is to us. */
export type FieldRole =
	| MessageKind
	/** Holds the real message; see unwrap.ts. */
	| 'wrapper'
	/** Comes along with a message and is none itself. */
	| 'companion';

/**
 * Every field of proto.Message (Baileys 7.0.0-rc14). The compiler and a test insist on every one, so
 * that a field new in a later Baileys is decided here before anybody meets it.
 */
export const FIELD_ROLES = {
	conversation: 'text',
	senderKeyDistributionMessage: 'companion',
	imageMessage: 'image',
	contactMessage: 'contact',
	locationMessage: 'location',
	extendedTextMessage: 'text',
	documentMessage: 'file',
	audioMessage: 'audio', // 'voice' when ptt
	videoMessage: 'video', // 'gif' when gifPlayback
	call: 'callInvite',
	chat: 'internal',
	protocolMessage: 'internal', // by its type, see PROTOCOL_KINDS
	contactsArrayMessage: 'contacts',
	highlyStructuredMessage: 'buttons',
	fastRatchetKeySenderKeyDistributionMessage: 'companion',
	sendPaymentMessage: 'payment',
	liveLocationMessage: 'liveLocation',
	requestPaymentMessage: 'payment',
	declinePaymentRequestMessage: 'payment',
	cancelPaymentRequestMessage: 'payment',
	templateMessage: 'buttons',
	stickerMessage: 'sticker',
	groupInviteMessage: 'groupInvite',
	templateButtonReplyMessage: 'buttonReply',
	productMessage: 'product',
	deviceSentMessage: 'wrapper',
	messageContextInfo: 'companion',
	listMessage: 'buttons',
	viewOnceMessage: 'wrapper',
	orderMessage: 'order',
	listResponseMessage: 'listReply',
	ephemeralMessage: 'wrapper',
	invoiceMessage: 'payment',
	buttonsMessage: 'buttons',
	buttonsResponseMessage: 'buttonReply',
	paymentInviteMessage: 'payment',
	interactiveMessage: 'buttons',
	reactionMessage: 'reaction',
	stickerSyncRmrMessage: 'internal',
	interactiveResponseMessage: 'buttonReply',
	pollCreationMessage: 'poll',
	pollUpdateMessage: 'pollVote',
	keepInChatMessage: 'keep',
	documentWithCaptionMessage: 'wrapper',
	requestPhoneNumberMessage: 'phoneRequest',
	viewOnceMessageV2: 'wrapper',
	encReactionMessage: 'reaction',
	editedMessage: 'wrapper',
	viewOnceMessageV2Extension: 'wrapper',
	pollCreationMessageV2: 'poll',
	scheduledCallCreationMessage: 'callInvite',
	groupMentionedMessage: 'wrapper',
	pinInChatMessage: 'pin',
	pollCreationMessageV3: 'poll',
	scheduledCallEditMessage: 'callInvite',
	ptvMessage: 'ptv',
	botInvokeMessage: 'wrapper',
	callLogMesssage: 'callLog', // the three s are the protocol's own
	messageHistoryBundle: 'internal',
	encCommentMessage: 'comment',
	bcallMessage: 'callInvite',
	lottieStickerMessage: 'wrapper',
	eventMessage: 'event',
	encEventResponseMessage: 'eventResponse',
	commentMessage: 'comment',
	newsletterAdminInviteMessage: 'channelInvite',
	placeholderMessage: 'hidden',
	secretEncryptedMessage: 'edit', // an edit encrypted for the readers of the original
	albumMessage: 'album',
	eventCoverImage: 'wrapper',
	stickerPackMessage: 'stickerPack',
	statusMentionMessage: 'statusNotice',
	pollResultSnapshotMessage: 'pollResult',
	pollCreationOptionImageMessage: 'wrapper',
	associatedChildMessage: 'wrapper',
	groupStatusMentionMessage: 'statusNotice',
	pollCreationMessageV4: 'wrapper',
	statusAddYours: 'wrapper',
	groupStatusMessage: 'wrapper',
	richResponseMessage: 'text',
	statusNotificationMessage: 'statusNotice',
	limitSharingMessage: 'wrapper',
	botTaskMessage: 'wrapper',
	questionMessage: 'wrapper',
	messageHistoryNotice: 'system',
	groupStatusMessageV2: 'wrapper',
	botForwardedMessage: 'wrapper',
	statusQuestionAnswerMessage: 'answer',
	questionReplyMessage: 'wrapper',
	questionResponseMessage: 'answer',
	statusQuotedMessage: 'answer',
	statusStickerInteractionMessage: 'reaction',
	pollCreationMessageV5: 'poll',
	newsletterFollowerInviteMessageV2: 'channelInvite',
	pollResultSnapshotMessageV3: 'pollResult',
} as const satisfies Record<keyof proto.IMessage, FieldRole>;

export type MessageField = keyof typeof FIELD_ROLES;

/** ProtocolMessage.Type: what a protocol message is for people. Those not named here are internal. */
export const PROTOCOL_KINDS: Readonly<Record<number, { name: string; kind: MessageKind }>> = {
	0: { name: 'REVOKE', kind: 'delete' },
	3: { name: 'EPHEMERAL_SETTING', kind: 'setting' },
	11: { name: 'SHARE_PHONE_NUMBER', kind: 'phoneRequest' },
	14: { name: 'MESSAGE_EDIT', kind: 'edit' },
	25: { name: 'STATUS_MENTION_MESSAGE', kind: 'statusNotice' },
	27: { name: 'LIMIT_SHARING', kind: 'setting' },
	30: { name: 'GROUP_MEMBER_LABEL_CHANGE', kind: 'setting' },
};

/** WebMessageInfo.StubType: what a message without content is. Those not named here are `system`. */
export const STUB_KINDS: Readonly<Record<number, { name: string; kind: MessageKind }>> = {
	1: { name: 'REVOKE', kind: 'delete' },
	2: { name: 'CIPHERTEXT', kind: 'undecryptable' },
	3: { name: 'FUTUREPROOF', kind: 'unsupported' },
	40: { name: 'CALL_MISSED_VOICE', kind: 'callLog' },
	41: { name: 'CALL_MISSED_VIDEO', kind: 'callLog' },
	45: { name: 'CALL_MISSED_GROUP_VOICE', kind: 'callLog' },
	46: { name: 'CALL_MISSED_GROUP_VIDEO', kind: 'callLog' },
	132: { name: 'ADMIN_REVOKE', kind: 'delete' },
	169: { name: 'SILENCED_UNKNOWN_CALLER_AUDIO', kind: 'callLog' },
	170: { name: 'SILENCED_UNKNOWN_CALLER_VIDEO', kind: 'callLog' },
};
