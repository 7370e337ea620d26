import { WhatsAppServer } from '../whatsapp/index';
import type { Phone } from '../whatsapp/phone';
import { type LinkedClient, World } from '../whatsapp/phone/testing/world';

/** What a person sets on the phone shows on the client, and the other way round. */
describe('app state', () => {
	let world: World;
	let anna: LinkedClient;
	let ben: Phone;

	const chatUpdate = async (what: string, fits: (update: Record<string, unknown>) => boolean) =>
		await anna.client.waitFor('chats.update', what, (updates) =>
			updates.find((update) => update.id === ben.lid && fits({ ...update })),
		);

	beforeAll(async () => {
		world = new World(await WhatsAppServer.start());
		ben = await world.phone('+1 555 0102', 'Ben');
		const phone = await world.phone('+1 555 0101', 'Anna');
		await phone.saveContact(ben, 'Ben Before');
		anna = await world.link(phone, {
			shouldSyncHistoryMessage: () => true,
			appStateMacVerification: { patch: true, snapshot: true },
		});
	});
	afterEach(() => expect(world.problems).toEqual([]));
	afterAll(async () => await world.stop());

	it('brings a new companion the own name and the contacts', async () => {
		await anna.client.waitForAny('the name', () =>
			anna.client.auth.creds.me?.name === 'Anna' ? true : undefined,
		);
		const contact = await anna.client.waitFor('contacts.upsert', 'the contact', (contacts) =>
			contacts.find(({ name }) => name === 'Ben Before'),
		);
		expect(contact).toMatchObject({ id: ben.jid, lid: ben.lid });
	});

	it('shows the client what the phone sets', async () => {
		const { phone } = anna;
		await phone.archive(ben);
		await chatUpdate('archived', ({ archived }) => archived === true);
		await phone.archive('+1 555 0102', false);
		await chatUpdate('unarchived', ({ archived }) => archived === false);
		await phone.mute(ben, 4_000_000_000_000);
		await chatUpdate('muted', ({ muteEndTime }) => muteEndTime === 4_000_000_000_000);
		await phone.pinChat(ben);
		await chatUpdate('pinned', ({ pinned }) => Number(pinned) > 0);
		await phone.markChatRead(ben, false);
		await chatUpdate('unread', ({ unreadCount }) => unreadCount === -1);
		await phone.saveContact(ben, 'Ben After');
		await anna.client.waitFor('contacts.upsert', 'the new name', (contacts) =>
			contacts.find(({ name }) => name === 'Ben After'),
		);
		await phone.chats.setPushName('Anna B');
		await anna.client.waitForAny('the new own name', () =>
			anna.client.auth.creds.me?.name === 'Anna B' ? true : undefined,
		);
		await phone.sendText(ben, 'with a new name');
		expect((await ben.waitForMessage('with a new name')).pushName).toBe('Anna B');
		await phone.chats.label('1', 'Leads');
		await phone.chats.labelChat(ben.lid, '1');
		await anna.client.waitFor('labels.association', 'the label', ({ type, association }) =>
			type === 'add' && association.chatId === ben.lid ? true : undefined,
		);
	});

	it('shows the phone what the client sets, also while both set something', async () => {
		const { phone, client } = anna;
		const sent = await ben.sendText(phone, 'to be starred');
		const { key } = await client.text('to be starred');
		await client.socket.chatModify(
			{ star: { messages: [{ id: key.id!, fromMe: false }], star: true } },
			ben.lid,
		);
		const star = await phone.waitUntil('the star', () =>
			phone.appState.changes.find(({ index }) => index[0] === 'star'),
		);
		expect(star).toMatchObject({
			index: ['star', ben.lid, sent.id, '0', '0'],
			value: { starAction: { starred: true } },
		});
		await Promise.all([
			client.socket.chatModify({ pin: false }, ben.lid),
			phone.archive(ben, true),
		]);
		await phone.waitUntil('unpinned', () =>
			phone.appState.collection('regular_low').get(['pin_v1', ben.lid])?.pinAction?.pinned === false
				? true
				: undefined,
		);
	});
});
