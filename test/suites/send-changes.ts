/** What is done with messages that are there already. */
import { chat, type Sender } from '../helpers/sender';
import type { Phone } from '../whatsapp';
import type { SendStage } from './send-stage';

export function changeTests(stage: SendStage): void {
	let sender: Sender;
	let anna: Phone;
	let ben: Phone;
	const { to } = stage;
	const got = stage.got.bind(stage);
	beforeAll(() => void ({ sender, anna, ben } = stage));

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
