/** Chats, labels and presence: what the phone, another linked device and other people see. */
import type { IDataObject } from 'n8n-workflow';
import { chat, type Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';
import type { SentMessage } from '../whatsapp/phone/send';
import { Bench, type Linked } from '../whatsapp/testing/linked';

export function chatsSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let bench: Bench;
	let anna: Phone;
	/** Another linked device of the same account: an unmodified Baileys client. */
	let other: Linked;
	let friends: string;
	let hello: SentMessage;

	const ANNA = '+1 555 010 0101';
	const about = { chat: chat(ANNA) };

	const run = async (operation: string, parameters: IDataObject = about) =>
		await sender.send(operation, { resource: 'chat', ...parameters });
	const refused = async (operation: string, parameters: IDataObject) =>
		await sender.refusal(operation, { resource: 'chat', ...parameters });

	/** The latest change of this kind that the phone has decrypted. */
	const onPhone = async (
		type: string,
		fits: (value: NonNullable<Phone['appState']['changes'][number]['value']>) => boolean = () =>
			true,
	) =>
		await sender.me.waitUntil(type, () =>
			sender.me.appState.changes.findLast(
				({ index, value }) => index[0] === type && fits(value ?? {}),
			),
		);
	/** What the other device makes of it. */
	const onOther = async (what: string, fits: (update: Record<string, unknown>) => boolean) =>
		await other.client.waitFor('chats.update', what, (updates) =>
			updates.find((update) => update.id === anna.lid && fits({ ...update })),
		);

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		bench = new Bench(sender.server);
		other = await bench.companion(sender.me, {
			config: { shouldSyncHistoryMessage: () => true },
		});
		friends = await anna.createGroup('Friends', [sender.me]);
		hello = await anna.sendText(sender.me, 'hello');
		await sender.heard(hello.id);
	});
	afterAll(async () => {
		await bench.stopClients();
		expect(sender.server.failures).toEqual([]);
		expect(sender.me.problems).toEqual([]);
		await sender.stop();
	});

	test('a chat is archived and taken out again', async () => {
		expect(await run('archive')).toEqual({ chat: anna.lid, archived: true });
		expect(await onPhone('archive')).toMatchObject({
			index: ['archive', anna.lid],
			value: { archiveChatAction: { archived: true } },
			collection: 'regular_low',
		});
		// Up to the last message: a phone that has a newer one leaves the chat where it is.
		const { value } = await onPhone('archive');
		const until = Number(value?.archiveChatAction?.messageRange?.lastMessageTimestamp);
		const seen = sender.me.messages.find(({ id }) => id === hello.id);
		expect(until).toBe(seen?.timestamp);
		await onOther('archived', ({ archived }) => archived === true);
		expect(await run('unarchive')).toEqual({ chat: anna.lid, archived: false });
		await onPhone('archive', ({ archiveChatAction }) => archiveChatAction?.archived === false);
		await onOther('unarchived', ({ archived }) => archived === false);
	});

	test('a change that another device was faster than is made all the same', async () => {
		sender.server.conflictNext();
		await run('archive', { chat: chat(friends) });
		const place = ['archive', friends];
		const set = () => sender.me.appState.collection('regular_low').get(place)?.archiveChatAction;
		await sender.me.waitUntil('the change', () => (set()?.archived ? true : undefined));
		// And what follows is not built on a version that there never was.
		await run('unarchive', { chat: chat(friends) });
		await sender.me.waitUntil('the next', () => (set()?.archived === false ? true : undefined));
	});

	test('a chat is muted for 8 hours, a week and always, and unmuted', async () => {
		const HOUR = 60 * 60_000;
		for (const [time, ms] of [
			['8h', 8 * HOUR],
			['1w', 168 * HOUR],
		] as const) {
			const before = Date.now();
			const { mutedUntil } = await run('mute', { ...about, time });
			const end = Date.parse(String(mutedUntil));
			expect(end).toBeGreaterThanOrEqual(before + ms);
			expect(end).toBeLessThanOrEqual(Date.now() + ms);
			await onPhone(
				'mute',
				({ muteAction }) =>
					muteAction?.muted === true && Number(muteAction.muteEndTimestamp) === end,
			);
			await onOther('muted', ({ muteEndTime }) => muteEndTime === end);
		}
		expect(await run('mute', { ...about, time: 'always' })).toMatchObject({
			muted: true,
			mutedUntil: null,
		});
		await onPhone('mute', ({ muteAction }) => Number(muteAction?.muteEndTimestamp) === -1);
		expect(await run('unmute')).toEqual({ chat: anna.lid, muted: false, mutedUntil: null });
		await onPhone('mute', ({ muteAction }) => muteAction?.muted === false);
		await onOther('unmuted', ({ muteEndTime }) => muteEndTime === null);
	});

	test('a chat is pinned and unpinned', async () => {
		await run('pin', { chat: chat(friends) });
		expect(await onPhone('pin_v1')).toMatchObject({
			index: ['pin_v1', friends],
			value: { pinAction: { pinned: true } },
		});
		await run('pin');
		await onOther('pinned', ({ pinned }) => Number(pinned) > 0);
		await run('unpin');
		await onPhone('pin_v1', ({ pinAction }) => pinAction?.pinned === false);
		await onOther('unpinned', ({ pinned }) => pinned === null);
	});

	test('a chat is marked as unread and as read; its writer is not told', async () => {
		const receipts = anna.receipts.receipts.length;
		await run('markUnread');
		await onPhone('markChatAsRead', ({ markChatAsReadAction: mark }) => mark?.read === false);
		await onOther('unread', ({ unreadCount }) => unreadCount === -1);
		await run('markRead');
		await onPhone('markChatAsRead', ({ markChatAsReadAction: mark }) => mark?.read === true);
		await onOther('read', ({ unreadCount }) => unreadCount === 0);
		expect(anna.receipts.receipts.slice(receipts).filter(({ kind }) => kind === 'read')).toEqual(
			[],
		);
	});

	test('a chat is cleared with or without starred messages and files, then deleted', async () => {
		await run('clear');
		expect(await onPhone('clearChat')).toMatchObject({
			index: ['clearChat', anna.lid, '0', '0'],
			collection: 'regular_high',
		});
		await run('clear', { ...about, options: { keepStarred: false, deleteMedia: true } });
		await sender.me.waitUntil('clearing of everything', () =>
			sender.me.appState.changes.find(({ index }) => index.join() === `clearChat,${anna.lid},1,1`),
		);
		expect(await run('delete')).toEqual({ chat: anna.lid, deleted: true });
		expect(await onPhone('deleteChat')).toMatchObject({ index: ['deleteChat', anna.lid, '0'] });
		await other.client.waitFor('chats.delete', 'the deletion', (ids) =>
			ids.includes(anna.lid) ? true : undefined,
		);
	});

	test('messages of a chat disappear from now on, and own ones with them', async () => {
		expect(await run('setTimer', { ...about, seconds: 86_400 })).toEqual({
			chat: anna.lid,
			disappearingSeconds: 86_400,
		});
		const setting = await anna.waitForMessage(({ message }) => message.protocolMessage != null);
		expect(setting.message.protocolMessage?.ephemeralExpiration).toBe(86_400);
		const sent = await sender.send('sendText', { ...about, text: 'gone tomorrow' });
		const { message } = await anna.waitForMessage(({ id }) => id === sent.messageId);
		expect(message.extendedTextMessage?.contextInfo?.expiration).toBe(86_400);
		await run('setTimer', { ...about, seconds: 0 });
		const stays = await sender.send('sendText', { ...about, text: 'stays' });
		const kept = await anna.waitForMessage(({ id }) => id === stays.messageId);
		expect(kept.message.extendedTextMessage?.contextInfo?.expiration ?? 0).toBe(0);
	});

	test('messages of a group disappear for all members', async () => {
		await run('setTimer', { chat: chat(friends), seconds: 604_800 });
		expect(sender.server.groups.find(friends)?.ephemeral).toBe(604_800);
		expect(await refused('setTimer', { ...about, seconds: 5 })).toMatchObject({
			code: 'bad-parameter',
			message: expect.stringContaining('Disappear After'),
		});
	});

	test('typing, recording and stopping show at the other side', async () => {
		const from = anna.presence.seen.length;
		await run('setTyping', { ...about, state: 'composing' });
		await run('setTyping', { ...about, state: 'recording' });
		await run('setTyping', { ...about, state: 'paused' });
		await run('setTyping', { ...about, state: 'recording', options: { seconds: 1 } });
		await run('setTyping', { chat: chat(friends), state: 'composing' });
		const states = () => anna.presence.seen.slice(from);
		await anna.waitUntil('all of them', () => (states().length >= 6 ? true : undefined));
		expect(states().map(({ state }) => state)).toEqual([
			'composing',
			'recording',
			'paused',
			'recording',
			'paused',
			'composing',
		]);
		expect(states().at(-1)).toMatchObject({ from: friends, participant: sender.me.lid });
	});

	test('somebody’s presence: online, last seen, hidden and unknown', async () => {
		anna.presence.set('available');
		const person = { id: anna.lid, lid: anna.lid, phone: `+${anna.number}`, name: 'Anna' };
		expect(await run('getPresence')).toEqual({
			person: { ...person, username: null },
			presence: 'online',
			lastSeen: null,
			lastSeenHidden: false,
		});
		anna.presence.set('unavailable');
		const seen = await run('getPresence');
		expect(seen).toMatchObject({ presence: 'offline', lastSeenHidden: false });
		expect(Math.abs(Date.parse(String(seen.lastSeen)) - Date.now())).toBeLessThan(60_000);
		await anna.profile.setPrivacy('last', 'none');
		expect(await run('getPresence')).toMatchObject({
			presence: 'offline',
			lastSeen: null,
			lastSeenHidden: true,
		});
		await anna.profile.setPrivacy('online', 'match_last_seen');
		expect(await run('getPresence', { ...about, options: { seconds: 1 } })).toMatchObject({
			presence: 'unknown',
			lastSeen: null,
		});
		// The number was online for these moments only.
		const own = sender.server.companions(sender.me.number);
		expect(own.some(({ available }) => available)).toBe(false);
	});

	test('labels of a business: made, put on, found, taken off, renamed and deleted', async () => {
		// One that the phone had before.
		await sender.me.chats.label('4', 'Paid', 3);
		const labels = async (parameters: IDataObject = {}) =>
			(await sender.items('getMany', { resource: 'label', returnAll: true, ...parameters })).map(
				({ json }) => json,
			);
		const label = async (operation: string, parameters: IDataObject) =>
			await sender.send(operation, { resource: 'label', ...parameters });
		const inApp = (...index: string[]) => sender.me.appState.collection('regular').get(index);
		await until('the label of the phone', async () => (await labels()).length === 1);

		const made = await label('create', { name: 'New customer', options: { color: 7 } });
		expect(made).toEqual({ id: '5', name: 'New customer', color: 7 });
		const edited = await sender.me.waitUntil('the label', () => inApp('label_edit', '5'));
		expect(edited.labelEditAction).toMatchObject({ name: 'New customer', color: 7 });
		await other.client.waitFor('labels.edit', 'the label', ({ id, name }) =>
			id === '5' && name === 'New customer' ? true : undefined,
		);

		const byName = { ...about, label: { __rl: true, mode: 'id', value: 'new customer' } };
		expect(await label('addToChat', byName)).toMatchObject({
			labelId: '5',
			chat: anna.lid,
			labeled: true,
		});
		await label('addToMessage', { ...byName, messageId: hello.id });
		await sender.me.waitUntil('both', () => {
			const onChat = inApp('label_jid', '5', anna.lid)?.labelAssociationAction;
			const onMessage = inApp('label_message', '5', anna.lid, hello.id, '0', '0');
			return onChat?.labeled && onMessage?.labelAssociationAction?.labeled ? true : undefined;
		});
		await sender.me.chats.labelChat(friends, '5');
		const found = await until('what the phone did', async () => {
			const [first] = await labels({ where: true });
			return first?.chatCount === 2 && first;
		});
		expect(found).toMatchObject({
			id: '5',
			name: 'New customer',
			chatCount: 2,
			messageCount: 1,
			chats: expect.arrayContaining([
				{ id: anna.lid, name: 'Anna' },
				{ id: friends, name: 'Friends' },
			]),
			messages: [{ chat: anna.lid, messageId: hello.id }],
		});

		const { results } = await sender.list('searchLabels', 'PAI');
		expect(results).toEqual([{ name: 'Paid', value: '4' }]);

		await label('removeFromChat', byName);
		await label('removeFromMessage', { ...byName, messageId: hello.id });
		await sender.me.waitUntil('taking off', () =>
			inApp('label_jid', '5', anna.lid)?.labelAssociationAction?.labeled === false
				? true
				: undefined,
		);
		await label('update', { label: byName.label, updateFields: { name: 'Customer' } });
		expect((await labels())[0]).toEqual({
			id: '5',
			name: 'Customer',
			color: 7,
			chatCount: 1,
			messageCount: 0,
		});
		expect(await label('delete', { label: { __rl: true, mode: 'list', value: '5' } })).toEqual({
			id: '5',
			name: 'Customer',
			deleted: true,
		});
		await sender.me.waitUntil('the deletion', () =>
			inApp('label_edit', '5')?.labelEditAction?.deleted ? true : undefined,
		);
		expect((await labels()).map(({ name }) => name)).toEqual(['Paid']);
		expect(await sender.refusal('addToChat', { resource: 'label', ...byName })).toMatchObject({
			code: 'not-found',
			message: expect.stringContaining('no label'),
		});
	});

	test('what is no chat of the list is refused with the reason', async () => {
		expect(await refused('archive', { chat: chat('120363300000000001@newsletter') })).toMatchObject(
			{
				code: 'bad-recipient',
				message: expect.stringContaining('people and for groups only'),
			},
		);
		expect(await refused('pin', { chat: chat('+1 555 010 0199') })).toMatchObject({
			code: 'not-on-whatsapp',
		});
		expect(await refused('getPresence', { chat: chat(friends) })).toMatchObject({
			code: 'bad-recipient',
		});
		expect(await refused('mute', { ...about, time: 'a while' })).toMatchObject({
			code: 'bad-parameter',
		});
	});
}
