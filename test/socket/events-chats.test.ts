/** Events about chats, contacts, presence, calls, labels and channels, with their JSON. */
import type { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';
import { disappearing } from '../whatsapp/phone/content';

let product: Product;
let runtime: Runtime;
let account: AccountSettings;
let me: Phone;
let anna: Phone;
let heard: Heard;

const event = eventsOf(() => heard);
const personOf = (phone: Phone) => ({ lid: phone.lid, phone: `+${phone.number}` });
/** What the owner does with the chat with Anna on the phone. */
const onPhone = () => ({ chat: anna.lid, fromMe: true, from: personOf(me), to: personOf(anna) });

beforeAll(async () => {
	product = await Product.start();
	runtime = product.runtime();
	account = product.account();
	me = await product.phone('Me');
	anna = await product.phone('Anna');
	await product.link(runtime, account, me);
	heard = await product.listen(runtime, account, 'w/chats', () => true);
	await anna.sendText(me, 'hi');
	await event('message.received');
	// Until here everything is the first sync.
	await runtime.use(account, async ({ session }) => {
		const state = session.openSocket?.authState;
		await until('the first sync', () => (state?.creds.accountSyncCounter ?? 0) > 0);
	});
});

afterAll(async () => {
	await heard?.close();
	await product?.stop();
});

test('a chat is archived, muted, pinned and marked, and all of it is undone', async () => {
	await me.archive(anna);
	expect(await event('chat.archived')).toMatchObject({ ...onPhone(), archived: true });
	await me.archive(anna, false);
	expect(await event('chat.archived')).toMatchObject({ archived: false });

	const until = Date.UTC(2030, 0, 1);
	await me.mute(anna, until);
	expect(await event('chat.muted')).toMatchObject({
		...onPhone(),
		muted: true,
		mutedUntil: '2030-01-01T00:00:00.000Z',
	});
	await me.mute(anna, 0);
	expect(await event('chat.muted')).toMatchObject({ muted: false, mutedUntil: null });

	await me.pinChat(anna);
	expect(await event('chat.pinned')).toMatchObject({ ...onPhone(), pinned: true });
	await me.pinChat(anna, false);
	expect(await event('chat.pinned')).toMatchObject({ pinned: false });

	await me.markChatRead(anna, false);
	expect(await event('chat.marked')).toMatchObject({ ...onPhone(), unread: true });
	await me.markChatRead(anna);
	expect(await event('chat.marked')).toMatchObject({ unread: false });
});

test('messages disappear from now on', async () => {
	await anna.sendMessage(me, disappearing(86_400));
	expect(await event('chat.settingsChanged')).toMatchObject({
		chat: anna.lid,
		from: personOf(anna),
		setting: 'disappearingSeconds',
		value: 86_400,
	});
});

test('somebody is saved as a contact, renamed, and shows another name', async () => {
	await me.saveContact(anna, 'Anna Saved');
	expect(await event('contact.changed')).toMatchObject({
		chat: anna.lid,
		from: { ...personOf(anna), name: 'Anna Saved' },
		change: 'added',
		name: 'Anna Saved',
	});
	await me.saveContact(anna, 'Anna Renamed');
	expect(await event('contact.changed')).toMatchObject({
		change: 'name',
		name: 'Anna Renamed',
		before: 'Anna Saved',
	});
	await anna.sendText(me, 'do you know me?');
	expect(await event('message.received')).toMatchObject({
		from: { name: 'Anna Renamed' },
		fromContact: true,
	});
	await anna.chats.setPushName('Anna B');
	await anna.sendText(me, 'and now?');
	expect(await event('contact.changed')).toMatchObject({
		change: 'name',
		name: 'Anna B',
		before: 'Anna',
	});
});

test('presence is stored only while somebody asks for it', async () => {
	await product.run(runtime, account, 'account.setOnline', { online: true });
	anna.type(me);
	await anna.sendText(me, 'typed');
	await event('message.received', ({ text }) => text === 'typed');
	expect(heard.events.some(({ event: name }) => name === 'presence.changed')).toBe(false);

	const asking = runtime.listen(() => Promise.resolve(account), {
		trigger: 'w/presence',
		wants: () => false,
		emit: () => Promise.resolve(),
		maxInFlight: 1,
		next: 'start',
		rerun: true,
		interest: { events: ['presence.changed'], presence: [anna.jid] },
	});
	await asking.started();
	await event('presence.changed', ({ presence }) => presence === 'offline');
	anna.type(me);
	expect(await event('presence.changed', ({ presence }) => presence === 'typing')).toMatchObject({
		chat: anna.lid,
		from: personOf(anna),
	});
	anna.type(me, 'recording');
	await event('presence.changed', ({ presence }) => presence === 'recording');
	anna.presence.set('available');
	await event('presence.changed', ({ presence }) => presence === 'online');
	await asking.close();
	await product.run(runtime, account, 'account.setOnline', { online: false });
});

test('a call that nobody takes, and one that the phone takes', async () => {
	const missed = product.server.call(anna.number, me.number, { video: true });
	expect(await event('call.offered')).toMatchObject({
		chat: anna.lid,
		from: personOf(anna),
		callId: missed.id,
		video: true,
		groupCall: false,
	});
	missed.end('timeout');
	expect(await event('call.missed')).toMatchObject({ callId: missed.id, from: personOf(anna) });

	const taken = product.server.call(anna.number, me.number);
	await event('call.offered', ({ callId }) => callId === taken.id);
	me.presence.acceptCall(anna.lid, taken.id);
	// The next stanza of the phone: what came before it has been heard.
	await me.archive(anna);
	await event('chat.archived');
	taken.end();
	expect(await event('call.ended')).toMatchObject({
		callId: taken.id,
		from: personOf(anna),
		outcome: 'ended',
	});
	expect(heard.events.filter(({ event: name }) => name === 'call.missed')).toHaveLength(1);
});

test('a label is made, put on a chat and taken off', async () => {
	await me.chats.label('7', 'Customer', 3);
	expect(await event('label.changed')).toMatchObject({
		fromMe: true,
		change: 'saved',
		labelId: '7',
		labelName: 'Customer',
		color: 3,
	});
	await me.chats.labelChat(anna.lid, '7');
	expect(await event('label.changed')).toMatchObject({
		chat: anna.lid,
		change: 'added',
		labelId: '7',
	});
	await me.chats.labelChat(anna.lid, '7', false);
	expect(await event('label.changed')).toMatchObject({ change: 'removed' });
});

test('a channel that this number follows posts something, edits and deletes it', async () => {
	const { id: channel } = await anna.channels.create('City News');
	await runtime.use(account, async ({ session }) => {
		await session.openSocket?.newsletterFollow(channel);
	});
	const id = await anna.channels.post(channel, { conversation: 'The bridge is open' });
	const post = {
		chat: channel,
		chatName: 'City News',
		isGroup: false,
		from: null,
		fromMe: false,
		to: null,
		messageId: id,
	};
	expect(await event('channel.message')).toMatchObject({
		...post,
		text: 'The bridge is open',
		kind: 'text',
		serverId: '100',
	});
	for (const text of ['The bridge is closed', 'The bridge is half open']) {
		await anna.channels.edit(channel, id, { conversation: text });
		expect(await event('message.edited')).toMatchObject({ ...post, text, kind: 'text' });
	}
	await anna.channels.delete(channel, id);
	expect(await event('message.deleted')).toMatchObject(post);
	const edits = heard.events.filter((each) => each.event === 'message.edited');
	expect(new Set(edits.map((each) => each.id)).size).toBe(edits.length);
	const status = await product.run(runtime, account, 'session.getStatus');
	expect(JSON.stringify(status)).toContain('"undecryptable":0');
});
