/** What the virtual phone receives and decrypts for every operation without a file. */
import { chat, type Sender } from '../helpers/sender';
import { readVote } from '../whatsapp/phone/content';
import type { Phone } from '../whatsapp';

export function sendMessageSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;
	let ben: Phone;

	const ANNA = '+1 555 010 0101';

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone('+1 555 010 0101', { name: 'Anna' });
		ben = await sender.server.phone('+1 555 010 0102', { name: 'Ben' });
	});
	afterAll(async () => await sender.stop());

	const to = { chat: chat(ANNA) };
	const got = async (phone: Phone, id: string) =>
		await phone.waitForMessage((each) => each.id === id);

	test('a text arrives as written, and the result names message, chat and time', async () => {
		const text = 'Hello *you*,\nit is _me_ 👋';
		const sent = await sender.send('sendText', { ...to, text });
		expect(sent).toEqual({
			messageId: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
			chat: anna.lid,
			timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
			status: 'accepted',
		});
		const message = await got(anna, sent.messageId);
		expect(message.text).toBe(text);
		expect(message.message.messageContextInfo?.messageSecret).toHaveLength(32);
		// The own phone has it too, as written by this number.
		expect(await got(sender.me, sent.messageId)).toMatchObject({
			text,
			fromMe: true,
			chat: anna.lid,
		});
	});

	test('a text quotes, mentions people and disappears', async () => {
		const group = await anna.createGroup('Friends', [sender.me, ben]);
		const question = await anna.sendText(group, 'who comes?');
		await sender.heard(question.id);
		const sent = await sender.send('sendText', {
			chat: chat(group),
			text: 'I do, and @15550100102 too',
			options: { replyTo: question.id, mentions: '+1 555 010 0102', timer: '604800' },
		});
		const { message } = await got(ben, sent.messageId);
		const text = message.extendedTextMessage;
		expect(text?.text).toBe(`I do, and @${ben.ids.lid} too`);
		expect(text?.contextInfo).toMatchObject({
			stanzaId: question.id,
			participant: anna.lid,
			quotedMessage: { conversation: 'who comes?' },
			mentionedJid: [ben.lid],
			expiration: 604_800,
		});

		const all = await sender.send('sendText', {
			chat: chat(group),
			text: 'everybody, please',
			options: { mentionAll: true },
		});
		const everyone = await got(ben, all.messageId);
		expect(everyone.message.extendedTextMessage?.contextInfo?.nonJidMentions).toBe(1);
	});

	test('a message takes the timer of its chat, unless told otherwise', async () => {
		const hello = await ben.sendText(sender.me, 'this goes', { expiration: 86_400 });
		await sender.heard(hello.id);
		const kept = await sender.send('sendText', { chat: chat(ben.lid), text: 'as set' });
		const stays = await sender.send('sendText', {
			chat: chat(ben.lid),
			text: 'never',
			options: { timer: '0' },
		});
		const expiration = async (id: string) =>
			(await got(ben, id)).message.extendedTextMessage?.contextInfo?.expiration ?? 0;
		expect(await expiration(kept.messageId)).toBe(86_400);
		expect(await expiration(stays.messageId)).toBe(0);
	});

	test('typing is shown before the message', async () => {
		const before = anna.presence.seen.length;
		const sent = await sender.send('sendText', { ...to, text: 'typed', options: { typing: 1 } });
		await got(anna, sent.messageId);
		expect(anna.presence.seen.slice(before).map(({ state }) => state)).toEqual([
			'composing',
			'paused',
		]);
	});

	test('a poll with one choice or many, which can be voted in', async () => {
		const choice = (...texts: string[]) => ({ choice: texts.map((text) => ({ text })) });
		const single = await sender.send('sendPoll', {
			...to,
			question: 'When?',
			choices: choice('Monday', 'Tuesday'),
			selectable: 1,
		});
		const poll = await got(anna, single.messageId);
		expect(poll.message.pollCreationMessageV3).toMatchObject({
			name: 'When?',
			options: [{ optionName: 'Monday' }, { optionName: 'Tuesday' }],
			selectableOptionsCount: 1,
		});
		expect(poll.stanza.attrs.type).toBe('poll');
		await anna.vote(poll, ['Tuesday']);
		const vote = await sender.me.waitForMessage(({ message }) => message.pollUpdateMessage != null);
		const own = await got(sender.me, single.messageId);
		expect(readVote(own, vote.message.pollUpdateMessage!, sender.me.lid, anna.lid)).toEqual([
			'Tuesday',
		]);

		const many = await sender.send('sendPoll', {
			...to,
			question: 'What?',
			choices: choice('Tea', 'Coffee', 'Water'),
			selectable: 0,
		});
		const { message } = await got(anna, many.messageId);
		expect(message.pollCreationMessage).toMatchObject({ name: 'What?', selectableOptionsCount: 0 });
	});

	test('a location and a live location', async () => {
		const sent = await sender.send('sendLocation', {
			...to,
			latitude: 52.5163,
			longitude: 13.3777,
			options: { name: 'Gate', address: 'Pariser Platz' },
		});
		expect((await got(anna, sent.messageId)).message.locationMessage).toMatchObject({
			degreesLatitude: 52.5163,
			degreesLongitude: 13.3777,
			name: 'Gate',
			address: 'Pariser Platz',
		});
		const live = await sender.send('sendLiveLocation', {
			...to,
			latitude: -33.9,
			longitude: 151.2,
			caption: 'on my way',
			options: { heading: 90, sequence: 2 },
		});
		expect((await got(anna, live.messageId)).message.liveLocationMessage).toMatchObject({
			degreesLatitude: -33.9,
			degreesLongitude: 151.2,
			caption: 'on my way',
			degreesClockwiseFromMagneticNorth: 90,
		});
	});

	test('one contact card, or several as one message', async () => {
		const card = (name: string, phones: string) => ({ name, phones, emails: '', organization: '' });
		const one = await sender.send('sendContacts', {
			...to,
			contacts: { contact: [card('Ben Example', '+1 555 010 0102')] },
		});
		const { message } = await got(anna, one.messageId);
		expect(message.contactMessage?.displayName).toBe('Ben Example');
		expect(message.contactMessage?.vcard).toContain('waid=15550100102:+15550100102');
		const two = await sender.send('sendContacts', {
			...to,
			contacts: {
				contact: [card('Ben', '+1 555 010 0102'), card('Me', '+1 555 010 0100, +1 555 010 0109')],
			},
		});
		const several = (await got(anna, two.messageId)).message.contactsArrayMessage;
		expect(several?.contacts?.map(({ displayName }) => displayName)).toEqual(['Ben', 'Me']);
	});

	test('a calendar event', async () => {
		const sent = await sender.send('sendEvent', {
			...to,
			name: 'Lunch',
			start: '2030-05-01T12:00:00.000Z',
			options: {
				end: '2030-05-01T13:00:00.000Z',
				placeName: 'Corner',
				description: 'bring nothing',
			},
		});
		const { message, stanza } = await got(anna, sent.messageId);
		expect(message.eventMessage).toMatchObject({
			name: 'Lunch',
			description: 'bring nothing',
			location: { name: 'Corner' },
		});
		expect(Number(message.eventMessage?.startTime)).toBe(Date.UTC(2030, 4, 1, 12) / 1000);
		expect(stanza.attrs.type).toBe('event');
	});

	test('a reaction is set and taken back', async () => {
		const hello = await anna.sendText(sender.me, 'good news');
		await sender.heard(hello.id);
		const about = { chat: chat(anna.lid), messageId: hello.id };
		const set = await sender.send('react', { ...about, emoji: '🎉' });
		expect((await got(anna, set.messageId)).message.reactionMessage).toMatchObject({
			key: { id: hello.id },
			text: '🎉',
		});
		const removed = await sender.send('removeReaction', about);
		expect((await got(anna, removed.messageId)).message.reactionMessage?.text ?? '').toBe('');
	});

	test('an own message is edited, then deleted for everyone', async () => {
		const sent = await sender.send('sendText', { ...to, text: 'tpyo' });
		const edit = await sender.send('edit', { ...to, messageId: sent.messageId, text: 'typo' });
		const edited = await got(anna, edit.messageId);
		expect(edited.stanza.attrs.edit).toBe('1');
		expect(edited.message.protocolMessage).toMatchObject({ key: { id: sent.messageId } });
		expect(edited.text).toBe('typo');
		const gone = await sender.send('deleteForEveryone', { ...to, messageId: sent.messageId });
		const revoke = await got(anna, gone.messageId);
		expect(revoke.stanza.attrs.edit).toBe('7');
		expect(revoke.message.protocolMessage?.key?.id).toBe(sent.messageId);
		expect(
			await sender.refusal('deleteForEveryone', { ...to, messageId: sent.messageId }),
		).toMatchObject({ code: 'already-deleted' });
	});

	test('an admin deletes the message of a member; somebody else does not', async () => {
		const own = await sender.me.createGroup('Mine', [anna, ben]);
		const spam = await ben.sendText(own, 'spam');
		await sender.heard(spam.id);
		const gone = await sender.send('deleteForEveryone', { chat: chat(own), messageId: spam.id });
		const revoke = await got(anna, gone.messageId);
		expect(revoke.stanza.attrs.edit).toBe('8');
		expect(revoke.message.protocolMessage?.key).toMatchObject({
			id: spam.id,
			participant: ben.lid,
		});

		const theirs = await anna.createGroup('Theirs', [sender.me, ben]);
		const fine = await ben.sendText(theirs, 'fine');
		await sender.heard(fine.id);
		expect(
			await sender.refusal('deleteForEveryone', { chat: chat(theirs), messageId: fine.id }),
		).toMatchObject({ code: 'not-allowed' });
	});

	test('a message is forwarded to several chats', async () => {
		const news = await anna.sendText(sender.me, 'pass it on');
		await sender.heard(news.id);
		const items = await sender.items('forward', {
			chat: chat(anna.lid),
			messageId: news.id,
			recipients: '+1 555 010 0102, +1 555 010 0199',
		});
		const [first, second] = items.map(({ json }) => json);
		const { message, text } = await got(ben, String(first?.messageId));
		expect(text).toBe('pass it on');
		expect(message.extendedTextMessage?.contextInfo).toMatchObject({
			isForwarded: true,
			forwardingScore: 1,
		});
		expect(second).toMatchObject({ status: 'failed', code: 'not-on-whatsapp' });
	});

	test('a message is pinned and taken down', async () => {
		const sent = await sender.send('sendText', { ...to, text: 'the address' });
		const about = { ...to, messageId: sent.messageId };
		const pin = await sender.send('pin', { ...about, seconds: 86_400 });
		const pinned = await got(anna, pin.messageId);
		expect(pinned.stanza.attrs.edit).toBe('2');
		expect(pinned.message).toMatchObject({
			pinInChatMessage: { key: { id: sent.messageId }, type: 1 },
			messageContextInfo: { messageAddOnDurationInSecs: 86_400 },
		});
		const unpin = await sender.send('unpin', about);
		expect((await got(anna, unpin.messageId)).message.pinInChatMessage?.type).toBe(2);
	});

	test('a star and a deletion for me reach the own phone only', async () => {
		const hello = await anna.sendText(sender.me, 'starry');
		await sender.heard(hello.id);
		const about = { chat: chat(anna.lid), messageId: hello.id };
		const change = async (type: string, count: number) =>
			await sender.me.waitUntil(`${type} ${count}`, () => {
				const changes = sender.me.appState.changes.filter(({ index }) => index[0] === type);
				return changes.length >= count ? changes.at(-1) : undefined;
			});
		await sender.send('star', about);
		expect(await change('star', 1)).toMatchObject({
			index: ['star', anna.lid, hello.id, '0', '0'],
			value: { starAction: { starred: true } },
		});
		await sender.send('unstar', about);
		expect(await change('star', 2)).toMatchObject({ value: { starAction: { starred: false } } });
		await sender.send('deleteForMe', about);
		expect(await change('deleteMessageForMe', 1)).toMatchObject({
			index: ['deleteMessageForMe', anna.lid, hello.id, '0', '0'],
		});
	});

	test('received messages are marked as read', async () => {
		const hello = await anna.sendText(sender.me, 'seen?');
		await sender.heard(hello.id);
		await sender.send('markRead', { chat: chat(anna.lid), messageIds: hello.id });
		await anna.waitForReceipt(hello.id, 'read');
	});

	test('delivery and reading can be waited for', async () => {
		const sent = await sender.send('sendText', { ...to, text: 'read me' });
		const message = await got(anna, sent.messageId);
		const about = { messageId: sent.messageId };
		expect(await sender.send('waitForReceipt', { ...about, kind: 'delivered' })).toMatchObject({
			reached: true,
			status: 'delivered',
			deliveredAt: expect.any(String),
			readAt: null,
		});
		const early = await sender.send('waitForReceipt', { ...about, kind: 'read', seconds: 1 });
		expect(early).toMatchObject({ reached: false, status: 'delivered' });
		const waiting = sender.send('waitForReceipt', { ...about, kind: 'read', seconds: 30 });
		anna.markRead(message);
		expect(await waiting).toMatchObject({
			reached: true,
			status: 'read',
			readAt: expect.any(String),
			people: [{ id: anna.lid }],
		});
	});
}
