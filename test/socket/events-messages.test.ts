/** Events about messages, made by phones of the stand-in, with their JSON. */
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import type { LinkedEvent } from '../../src/events';
import type { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';
import type { PhoneMessage } from '../whatsapp/phone/messages';
import { wa, type proto } from '../whatsapp/phone/proto';

let product: Product;
let runtime: Runtime;
let account: AccountSettings;
let me: Phone;
let anna: Phone;
let ben: Phone;
let heard: Heard;
let group: string;

const personOf = (phone: Phone, name: string) => ({
	id: phone.lid,
	lid: phone.lid,
	phone: `+${phone.number}`,
	name,
	username: null,
});

/** An answer to an event, encrypted as phones do: like a vote, under a name of its own. */
function rsvp(
	{ key, message }: PhoneMessage,
	author: string,
	answerer: string,
	answer: proto.Message.IEventResponseMessage,
): proto.IMessage {
	const hmac = (secret: Uint8Array, ...parts: Uint8Array[]) =>
		createHmac('sha256', secret).update(Buffer.concat(parts)).digest();
	const id = key.id ?? '';
	const secret = message.messageContextInfo?.messageSecret ?? Buffer.alloc(0);
	const info = Buffer.from(`${id}${author}${answerer}Event Response`);
	const encIv = randomBytes(12);
	const cipher = createCipheriv(
		'aes-256-gcm',
		hmac(hmac(Buffer.alloc(32), secret), info, Buffer.of(1)),
		encIv,
	);
	cipher.setAAD(Buffer.from(`${id}\0${answerer}`));
	const plain = wa().Message.EventResponseMessage.encode(answer).finish();
	const body = [cipher.update(plain), cipher.final()];
	const encPayload = Buffer.concat([...body, cipher.getAuthTag()]);
	return { encEventResponseMessage: { eventCreationMessageKey: key, encPayload, encIv } };
}

const event = eventsOf(() => heard);

beforeAll(async () => {
	product = await Product.start();
	runtime = product.runtime();
	account = product.account();
	me = await product.phone('Me');
	anna = await product.phone('Anna');
	ben = await product.phone('Ben');
	await product.link(runtime, account, me);
	heard = await product.listen(runtime, account, 'w/all', () => true);
	group = await anna.createGroup('Choir', [me, ben]);
	await event('group.created');
	// It comes with the first sync.
	await until('the own name', async () => {
		return (await product.run(runtime, account, 'session.getStatus')).name === 'Me';
	});
});

afterAll(async () => {
	await heard?.close();
	await product?.stop();
});

test('a direct message', async () => {
	const sent = await anna.sendText(me, 'hello');
	expect(await event('message.received')).toMatchObject({
		id: `message.received:${anna.lid}:${sent.id}:${anna.lid}`,
		chat: anna.lid,
		chatName: 'Anna',
		isGroup: false,
		from: personOf(anna, 'Anna'),
		fromContact: false,
		fromMe: false,
		to: personOf(me, 'Me'),
		messageId: sent.id,
		text: 'hello',
		kind: 'text',
		media: null,
		quoted: null,
		mentions: [],
		mentionsMe: false,
		repliesToMe: false,
		offline: false,
		timestamp: new Date(sent.at * 1_000).toISOString(),
	});
});

test('a message in a group that mentions this number and one that does not', async () => {
	await anna.sendText(group, `@${me.ids.lid} come`, { mentions: [me.lid] });
	expect(await event('message.received')).toMatchObject({
		chat: group,
		chatName: 'Choir',
		isGroup: true,
		from: personOf(anna, 'Anna'),
		to: null,
		mentions: [{ lid: me.lid, phone: `+${me.number}` }],
		mentionsMe: true,
	});
	await ben.sendText(group, 'who?');
	expect(await event('message.received')).toMatchObject({
		from: personOf(ben, 'Ben'),
		mentions: [],
		mentionsMe: false,
	});
});

test('a reply names the message it answers and who wrote that', async () => {
	const mine = await me.sendText(anna, 'the question');
	await event('message.sent');
	await anna.reply(await anna.waitForMessage('the question'), 'the answer');
	expect(await event('message.received')).toMatchObject({
		text: 'the answer',
		repliesToMe: true,
		quoted: { id: mine.id, fromMe: true, from: { lid: me.lid }, text: 'the question' },
	});
});

test('a message that the owner writes on the phone, and none that n8n sends', async () => {
	const written = await me.sendText(anna, 'from the phone');
	expect(await event('message.sent')).toMatchObject({
		chat: anna.lid,
		chatName: 'Anna',
		from: personOf(me, 'Me'),
		fromMe: true,
		to: personOf(anna, 'Anna'),
		messageId: written.id,
		text: 'from the phone',
	});
	await me.sendText(me, 'milk');
	expect(await event('message.sent')).toMatchObject({ chat: me.lid, chatName: 'Me', text: 'milk' });
	await product.run(runtime, account, 'message.sendText', { chat: anna.lid, text: 'from n8n' });
	await anna.waitForMessage('from n8n');
	await anna.sendText(me, 'after it');
	await event('message.received');
	expect(heard.events.some(({ text }) => text === 'from n8n')).toBe(false);
});

test.each([
	['readable, as old apps send it', false],
	['sealed, as the apps do now', true],
])('an edit, with the id of the original: %s', async (_as, sealed) => {
	const sent = await anna.sendText(me, 'helo');
	await event('message.received');
	const edit = async (text: string) => {
		await anna.edit(sent, text, sealed);
		expect(await event('message.edited')).toMatchObject({
			messageId: sent.id,
			text,
			kind: 'text',
			from: personOf(anna, 'Anna'),
			encrypted: false,
		});
	};
	await edit('hello');
	// The secret is still that of the original.
	await edit('hello again');
});

test('sealed edits in a group, and of the owner on the phone', async () => {
	const group = await anna.createGroup('Sealed', [me, ben]);
	const sent = await ben.sendText(group, 'helo all');
	await event('message.received');
	await ben.edit(sent, 'hello all', true);
	expect(await event('message.edited')).toMatchObject({
		messageId: sent.id,
		text: 'hello all',
		chat: group,
		from: personOf(ben, 'Ben'),
	});
	const own = await me.sendText(anna, 'helo Anna');
	await event('message.sent');
	await me.edit(own, 'hello Anna', true);
	expect(await event('message.edited')).toMatchObject({
		messageId: own.id,
		text: 'hello Anna',
		chat: anna.lid,
		fromMe: true,
	});
});

test('a sealed edit of a message that is not known, or with another key, says that it is sealed', async () => {
	const lost = { ...(await anna.sendText(ben, 'not for you')), chat: me.lid };
	await anna.edit(lost, 'nor this', true);
	const unknown = { messageId: lost.id, text: null, kind: null, encrypted: true };
	expect(await event('message.edited')).toMatchObject(unknown);
	const sent = await anna.sendText(me, 'mine');
	await event('message.received');
	const messageContextInfo = { messageSecret: randomBytes(32) };
	await anna.edit({ ...sent, message: { ...sent.message, messageContextInfo } }, 'forged', true);
	expect(await event('message.edited')).toMatchObject({ ...unknown, messageId: sent.id });
});

test('a message deleted by its writer, and one deleted by an admin', async () => {
	const own = await anna.sendText(me, 'oops');
	await event('message.received');
	await anna.revoke(own);
	expect(await event('message.deleted')).toMatchObject({
		messageId: own.id,
		chat: anna.lid,
		from: personOf(anna, 'Anna'),
		author: personOf(anna, 'Anna'),
		authorIsMe: false,
		byAdmin: false,
	});
	await ben.sendText(group, 'rude');
	await event('message.received');
	await anna.revoke(await anna.waitForMessage('rude'));
	expect(await event('message.deleted')).toMatchObject({
		chat: group,
		from: personOf(anna, 'Anna'),
		author: personOf(ben, 'Ben'),
		byAdmin: true,
	});
});

test('a message that the owner deletes for themselves', async () => {
	const sent = await anna.sendText(me, 'not for long');
	await event('message.received');
	await me.chats.deleteForMe(await me.waitForMessage('not for long'));
	expect(await event('message.deletedForMe')).toMatchObject({
		chat: anna.lid,
		fromMe: true,
		messageId: sent.id,
		authorIsMe: false,
	});
});

test('a reaction, and its removal', async () => {
	const mine = await me.sendText(anna, 'good news');
	await event('message.sent');
	const message = await anna.waitForMessage('good news');
	await anna.react(message, '👍');
	expect(await event('reaction.added')).toMatchObject({
		chat: anna.lid,
		from: personOf(anna, 'Anna'),
		messageId: mine.id,
		reaction: '👍',
		author: { lid: me.lid },
		authorIsMe: true,
	});
	await anna.react(message, '');
	expect(await event('reaction.removed')).toMatchObject({ messageId: mine.id, reaction: null });
});

test('a sealed reaction, as in announcement groups, and its removal', async () => {
	const group = await anna.createGroup('Announcements', [me, ben]);
	const sent = await me.sendText(group, 'Meeting on Monday');
	await event('message.sent');
	const seen = await ben.waitForMessage(({ id }) => id === sent.id);
	await ben.react(seen, '👏', me.lid);
	const about = { messageId: sent.id, chat: group, from: personOf(ben, 'Ben'), authorIsMe: true };
	expect(await event('reaction.added')).toMatchObject({
		...about,
		reaction: '👏',
		encrypted: false,
	});
	await ben.react(seen, '', me.lid);
	expect(await event('reaction.removed')).toMatchObject({ ...about, reaction: null });
});

test('a message pinned in its chat and taken down', async () => {
	const sent = await anna.sendText(group, 'the rules');
	await event('message.received');
	await anna.pinMessage(sent, 604_800);
	expect(await event('message.pinned')).toMatchObject({
		messageId: sent.id,
		pinned: true,
		pinnedFor: 604_800,
	});
	await anna.pinMessage(sent, 0);
	expect(await event('message.pinned')).toMatchObject({ pinned: false, pinnedFor: null });
});

test('votes in a poll, with the result so far, in a group', async () => {
	const poll = await anna.sendPoll(group, 'When?', ['Monday', 'Friday'], 0);
	expect(await event('message.received')).toMatchObject({
		kind: 'poll',
		text: 'When?',
		poll: { question: 'When?', options: ['Monday', 'Friday'] },
	});
	const seenByBen = await ben.waitForMessage(({ id }) => id === poll.id);
	await ben.vote(seenByBen, ['Monday', 'Friday']);
	expect(await event('poll.voted')).toMatchObject({
		messageId: poll.id,
		from: personOf(ben, 'Ben'),
		question: 'When?',
		choice: ['Monday', 'Friday'],
		removed: false,
		results: [
			{ option: 'Monday', votes: 1, voters: [{ lid: ben.lid }] },
			{ option: 'Friday', votes: 1, voters: [{ lid: ben.lid }] },
		],
		voters: 1,
	});
	await me.vote(await me.waitForMessage(({ id }) => id === poll.id), ['Friday']);
	expect(await event('poll.voted')).toMatchObject({
		fromMe: true,
		choice: ['Friday'],
		results: [
			{ option: 'Monday', votes: 1 },
			{ option: 'Friday', votes: 2 },
		],
		voters: 2,
	});
	await ben.vote(seenByBen, []);
	expect(await event('poll.voted')).toMatchObject({
		choice: [],
		removed: true,
		results: [
			{ option: 'Monday', votes: 0 },
			{ option: 'Friday', votes: 1 },
		],
		voters: 1,
	});
});

test('a vote in a direct chat, in a poll that n8n sent', async () => {
	const sent = await product.run(runtime, account, 'message.sendPoll', {
		chat: anna.lid,
		question: 'Tea?',
		choices: ['Yes', 'No'],
		selectable: 1,
		options: {},
	});
	const poll = await anna.waitForMessage(({ id }) => id === sent.messageId);
	await anna.vote(poll, ['Yes']);
	expect(await event('poll.voted')).toMatchObject({
		messageId: sent.messageId,
		chat: anna.lid,
		from: personOf(anna, 'Anna'),
		question: 'Tea?',
		choice: ['Yes'],
		voters: 1,
	});
});

test('an answer to an event that n8n sent', async () => {
	const sent = await product.run(runtime, account, 'message.sendEvent', {
		chat: anna.lid,
		name: 'Party',
		start: Date.now() + 86_400_000,
		guests: true,
		options: {},
	});
	const invitation = await anna.waitForMessage(({ id }) => id === sent.messageId);
	await anna.sendMessage(
		me,
		rsvp(invitation, me.lid, anna.lid, { response: 1, extraGuestCount: 2 }),
	);
	expect(await event('event.answered')).toMatchObject({
		messageId: sent.messageId,
		chat: anna.lid,
		from: personOf(anna, 'Anna'),
		eventName: 'Party',
		answer: 'going',
		guests: 2,
		text: 'going',
	});
});

test('receipts: delivered, read and played', async () => {
	const sent = await product.run(runtime, account, 'message.sendText', {
		chat: anna.lid,
		text: 'did you get it?',
	});
	const id = String(sent.messageId);
	const about = (each: LinkedEvent) => each.messageId === id;
	expect(await event('message.delivered', about)).toMatchObject({
		chat: anna.lid,
		from: personOf(anna, 'Anna'),
		fromMe: false,
		messageId: id,
	});
	const message = await anna.waitForMessage('did you get it?');
	anna.markRead(message);
	expect(await event('message.read', about)).toMatchObject({ from: personOf(anna, 'Anna') });
	anna.markPlayed(message);
	expect(await event('message.played', about)).toMatchObject({ messageId: id });

	const toGroup = await product.run(runtime, account, 'message.sendText', {
		chat: group,
		text: 'did you all?',
	});
	ben.markRead(await ben.waitForMessage('did you all?'));
	const read = await event('message.read', ({ messageId }) => messageId === toGroup.messageId);
	expect(read).toMatchObject({ chat: group, isGroup: true, from: personOf(ben, 'Ben') });
});

test('a message that WhatsApp refuses', async () => {
	product.server.rejectNext({ code: 463, from: me.number });
	await expect(
		product.run(runtime, account, 'message.sendText', { chat: ben.lid, text: 'no' }),
	).rejects.toMatchObject({ code: 'restricted' });
	expect(await event('message.failed')).toMatchObject({
		chat: ben.lid,
		fromMe: true,
		code: 463,
		reason: 'account-restricted',
	});
});

test('a status post', async () => {
	const sent = await anna.postStatus('on holiday', [me]);
	expect(await event('status.posted')).toMatchObject({
		chat: 'status@broadcast',
		isGroup: false,
		from: personOf(anna, 'Anna'),
		to: null,
		messageId: sent.id,
		text: 'on holiday',
		kind: 'text',
	});
});

test('a place, a contact card and a file', async () => {
	await anna.sendLocation(me, 52.5, 13.4, 'Berlin');
	expect(await event('message.received')).toMatchObject({
		kind: 'location',
		location: { latitude: 52.5, longitude: 13.4, name: 'Berlin' },
	});
	await anna.sendContact(me, 'Carla', '+1 555 0199');
	expect(await event('message.received')).toMatchObject({
		kind: 'contact',
		contacts: [{ name: 'Carla' }],
	});
	const file = Buffer.from('%PDF-1.4 a file');
	await anna.sendMedia(me, 'document', file, { fileName: 'bill.pdf', caption: 'the bill' });
	expect(await event('message.received')).toMatchObject({
		kind: 'file',
		text: 'the bill',
		media: {
			kind: 'file',
			fileName: 'bill.pdf',
			size: file.length,
			caption: 'the bill',
			downloadable: true,
		},
	});
});
