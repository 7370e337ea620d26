import type { proto as Proto } from '@whiskeysockets/baileys';

import { kindOf, kindOfReceived } from '../../src/wa/kind';
import { FIELD_ROLES, PROTOCOL_KINDS, STUB_KINDS, type MessageField } from '../../src/wa/kinds';
import { unwrap } from '../../src/wa/unwrap';

type ProtoApi = typeof Proto;
let proto: ProtoApi;

beforeAll(async () => {
	({ proto } = await import('@whiskeysockets/baileys'));
});

/** A message as it comes off the wire. */
const wire = (message: Proto.IMessage): Proto.IMessage =>
	proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish());

/** The field of proto.Message with one text inside it, or undefined when it cannot hold a message. */
const holdsMessage = (field: string): boolean => {
	const made = proto.Message.fromObject({ [field]: { message: { conversation: 'hi' } } });
	const value: unknown = made[field as MessageField];
	const inner =
		typeof value === 'object' && value !== null
			? (value as { message?: Proto.IMessage }).message
			: undefined;
	return inner?.conversation === 'hi';
};

describe('the table of fields', () => {
	it("lists every field of Baileys' proto.Message, and no other", () => {
		// protobufjs puts a default for every field, and nothing else that is no function, there.
		const fields = Object.entries(Object.getOwnPropertyDescriptors(proto.Message.prototype))
			.filter(([name, { value }]) => typeof value !== 'function' && !name.startsWith('_'))
			.map(([name]) => name);
		expect(fields.length).toBeGreaterThan(80);
		expect(Object.keys(FIELD_ROLES).sort()).toEqual(fields.sort());
	});

	it('opens every field that holds a message, unless that says something of its own', () => {
		const own = ['commentMessage', 'statusMentionMessage', 'groupStatusMentionMessage'];
		for (const [field, role] of Object.entries(FIELD_ROLES)) {
			const expected = holdsMessage(field) && !own.includes(field);
			expect({ field, wrapper: role === 'wrapper' }).toEqual({ field, wrapper: expected });
		}
	});

	it('names protocol and stub types as Baileys does', () => {
		const { Type } = proto.Message.ProtocolMessage;
		const { StubType } = proto.WebMessageInfo;
		for (const [value, { name }] of Object.entries(PROTOCOL_KINDS)) {
			expect(Type[Number(value)]).toBe(name);
		}
		for (const [value, { name }] of Object.entries(STUB_KINDS)) {
			expect(StubType[Number(value)]).toBe(name);
		}
	});

	it('has decided on every protocol type there is', () => {
		const internal = [
			'EPHEMERAL_SYNC_RESPONSE',
			'HISTORY_SYNC_NOTIFICATION',
			'APP_STATE_SYNC_KEY_SHARE',
			'APP_STATE_SYNC_KEY_REQUEST',
			'MSG_FANOUT_BACKFILL_REQUEST',
			'INITIAL_SECURITY_NOTIFICATION_SETTING_SYNC',
			'APP_STATE_FATAL_EXCEPTION_NOTIFICATION',
			'PEER_DATA_OPERATION_REQUEST_MESSAGE',
			'PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE',
			'REQUEST_WELCOME_MESSAGE',
			'BOT_FEEDBACK_MESSAGE',
			'MEDIA_NOTIFY_MESSAGE',
			'CLOUD_API_THREAD_CONTROL_NOTIFICATION',
			'LID_MIGRATION_MAPPING_SYNC',
			'REMINDER_MESSAGE',
			'BOT_MEMU_ONBOARDING_MESSAGE',
			'STOP_GENERATION_MESSAGE',
			'AI_PSI_METADATA',
			'AI_QUERY_FANOUT',
		];
		const names = Object.keys(proto.Message.ProtocolMessage.Type).filter((key) => /\D/.test(key));
		const shown = Object.values(PROTOCOL_KINDS).map(({ name }) => name);
		expect(names.sort()).toEqual([...internal, ...shown].sort());
	});
});

describe('kindOf', () => {
	const photo = { imageMessage: { mimetype: 'image/jpeg' } };

	it.each<[string, Proto.IMessage]>([
		['text', { conversation: 'hi' }],
		['text', { extendedTextMessage: { text: 'hi' } }],
		['image', photo],
		['image', { viewOnceMessageV2: { message: photo } }],
		['video', { videoMessage: {} }],
		['gif', { videoMessage: { gifPlayback: true } }],
		['ptv', { ptvMessage: {} }],
		['audio', { audioMessage: {} }],
		['voice', { audioMessage: { ptt: true } }],
		['file', { documentWithCaptionMessage: { message: { documentMessage: {} } } }],
		['sticker', { lottieStickerMessage: { message: { stickerMessage: {} } } }],
		['contact', { contactMessage: {} }],
		['contacts', { contactsArrayMessage: {} }],
		['location', { locationMessage: {} }],
		['liveLocation', { liveLocationMessage: {} }],
		['poll', { pollCreationMessageV3: {} }],
		['poll', { pollCreationMessageV4: { message: { pollCreationMessageV3: {} } } }],
		['pollVote', { pollUpdateMessage: {} }],
		['event', { eventMessage: {} }],
		['eventResponse', { encEventResponseMessage: {} }],
		['album', { albumMessage: {} }],
		['reaction', { reactionMessage: {} }],
		['delete', { protocolMessage: { type: 0 } }],
		['edit', { protocolMessage: { type: 14 } }],
		['edit', { editedMessage: { message: { protocolMessage: { type: 14 } } } }],
		['edit', { secretEncryptedMessage: {} }],
		['setting', { ephemeralMessage: { message: { protocolMessage: { type: 3 } } } }],
		['internal', { protocolMessage: { type: 6 } }],
		['internal', { protocolMessage: {} }],
		['pin', { pinInChatMessage: {} }],
		['buttonReply', { buttonsResponseMessage: {} }],
		['listReply', { listResponseMessage: {} }],
		['buttons', { listMessage: { title: 'x' } }],
		['product', { listMessage: { productListInfo: { productSections: [{ title: 'x' }] } } }],
		['product', { productMessage: {} }],
		['order', { orderMessage: {} }],
		['callLog', { callLogMesssage: {} }],
		['groupInvite', { groupInviteMessage: {} }],
		['internal', { senderKeyDistributionMessage: {} }],
		['text', { senderKeyDistributionMessage: {}, conversation: 'hi' }],
		['text', { messageContextInfo: {}, conversation: 'hi' }],
		['unsupported', { messageContextInfo: {} }],
		['unsupported', {}],
	])('%s: %j', (kind, message) => {
		expect(kindOf(wire(message))).toBe(kind);
		expect(kindOf(message)).toBe(kind);
	});

	it('reads enum values by name too, as the JSON of a protobuf has them', () => {
		const json = proto.Message.fromObject({ protocolMessage: { type: 14 } }).toJSON();
		expect(kindOf(json as Proto.IMessage)).toBe('edit');
	});

	it('shows a kind that is newer than this version instead of dropping it', () => {
		// field 999, length 2: protobuf drops it silently
		const newer = proto.Message.decode(Uint8Array.from([0xba, 0x3e, 2, 8, 1]));
		expect(kindOf(newer)).toBe('unsupported');
	});
});

describe('kindOfReceived', () => {
	it.each<[string, Parameters<typeof kindOfReceived>[0]]>([
		['text', { message: { conversation: 'hi' } }],
		['viewOnce', { key: { isViewOnce: true } }],
		['image', { key: { isViewOnce: true }, message: { imageMessage: {} } }],
		['undecryptable', { messageStubType: 2 }],
		['callLog', { messageStubType: 40 }],
		['delete', { messageStubType: 132 }],
		['system', { messageStubType: 21 }],
		['unsupported', { messageStubType: 0 }],
		['unsupported', { message: {} }],
	])('%s: %j', (kind, received) => {
		expect(kindOfReceived(received)).toBe(kind);
	});
});

describe('unwrap', () => {
	it('opens wrappers in wrappers and remembers what they said', () => {
		const { message, ...rest } = unwrap(
			wire({
				deviceSentMessage: {
					destinationJid: '15550100124:3@s.whatsapp.net',
					message: {
						messageContextInfo: {
							messageSecret: Uint8Array.of(1, 2),
							messageAddOnDurationInSecs: 9,
						},
						ephemeralMessage: {
							message: {
								viewOnceMessageV2Extension: { message: { audioMessage: { ptt: true } } },
								messageContextInfo: { messageAddOnDurationInSecs: 8 },
							},
						},
					},
				},
			}),
		);
		expect(message.audioMessage?.ptt).toBe(true);
		expect(rest).toMatchObject({
			wrappers: ['deviceSentMessage', 'ephemeralMessage', 'viewOnceMessageV2Extension'],
			viewOnce: true,
			ephemeral: true,
			edited: false,
			sentTo: '15550100124@s.whatsapp.net',
			context: { messageSecret: Buffer.of(1, 2), messageAddOnDurationInSecs: 8 },
		});
	});

	it('opens each wrapper there is', () => {
		const wrappers = Object.entries(FIELD_ROLES).filter(([, role]) => role === 'wrapper');
		for (const [field] of wrappers) {
			const opened = unwrap({ [field]: { message: { conversation: field } } });
			expect(opened.message.conversation).toBe(field);
			expect(opened.wrappers).toEqual([field]);
		}
	});

	it('knows a view-once medium without a wrapper', () => {
		expect(unwrap({ imageMessage: { viewOnce: true } }).viewOnce).toBe(true);
		expect(unwrap({ imageMessage: {} }).viewOnce).toBe(false);
	});

	it('stops at a depth that no phone makes', () => {
		let message: Proto.IMessage = { conversation: 'deep' };
		for (let depth = 0; depth < 50; depth++) message = { ephemeralMessage: { message } };
		expect(unwrap(message).wrappers.length).toBeLessThan(20);
	});

	it.each([null, undefined, 'text', 7, [], { ephemeralMessage: 'x' }, { ephemeralMessage: [] }])(
		'takes %p for an empty message',
		(strange) => {
			expect(kindOf(strange as Proto.IMessage)).toBe('unsupported');
		},
	);
});
