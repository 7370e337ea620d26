import { WhatsAppServer } from '../whatsapp/index';
import { MessageRefused, type Phone } from '../whatsapp/phone';
import { readVote } from '../whatsapp/phone/content';
import { type LinkedClient, World } from '../whatsapp/phone/testing/world';

/** Anna's client and Ben's phone, between unmodified Baileys and a virtual phone. */
describe('a client and somebody’s phone', () => {
	let world: World;
	let anna: LinkedClient;
	let ben: Phone;
	const sendText = async (jid: string, text: string) =>
		(await anna.client.socket.sendMessage(jid, { text }))!.key.id!;

	beforeAll(async () => {
		// libsignal, under Baileys, writes whole sessions to the console when decryption fails.
		for (const level of ['log', 'info', 'warn', 'error'] as const) {
			jest.spyOn(console, level).mockImplementation(() => {});
		}
		world = new World(await WhatsAppServer.start());
		anna = await world.link(await world.phone('+1 555 0101', 'Anna'));
		ben = await world.phone('+1 555 0102', 'Ben');
	});
	afterEach(() => expect(world.problems).toEqual([]));
	afterAll(async () => {
		await world.stop();
		jest.restoreAllMocks();
	});

	it.each(['lid', 'jid'] as const)('write to each other, addressed by %s', async (form) => {
		const id = await sendText(ben[form], `client by ${form}`);
		const heard = await ben.waitForMessage(`client by ${form}`);
		expect(heard).toMatchObject({
			id,
			chat: anna.phone.lid,
			fromPhone: '15550101',
			fromDevice: anna.companion.device,
			pushName: 'Anna',
		});
		await anna.client.status(id, 3);
		ben.markRead(heard);
		await anna.client.status(id, 4);

		const addressing = form === 'jid' ? 'pn' : 'lid';
		const sent = await ben.sendText(anna.phone[form], `phone by ${form}`, { addressing });
		const got = await anna.client.text(`phone by ${form}`);
		expect(got).toMatchObject({ pushName: 'Ben', upsertType: 'notify' });
		expect(got.key).toMatchObject({ id: sent.id, remoteJid: ben[form], fromMe: false });
		await ben.waitForReceipt(sent.id, 'delivered', anna.phone);
		await anna.client.socket.readMessages([got.key]);
		await ben.waitForReceipt(sent.id, 'read');
	});

	it('both see what the account sends: a copy goes to its other device', async () => {
		await sendText(ben.lid, 'from the client');
		const copy = await anna.phone.waitForMessage('from the client');
		expect(copy).toMatchObject({ chat: ben.lid, from: anna.phone.lid, fromMe: true });
		await anna.phone.sendText(ben, 'from the phone');
		await ben.waitForMessage('from the phone');
		const own = await anna.client.text('from the phone');
		expect(own.key).toMatchObject({ remoteJid: ben.lid, fromMe: true });
	});

	it('ask for what they could not decrypt, and get it', async () => {
		const sent = await ben.sendUndecryptable(anna.phone, 'broken by the phone');
		const got = await anna.client.text('broken by the phone');
		expect(got.key.id).toBe(sent.id);
		expect(ben.receipts.retryRequests.map(({ id }) => id)).toContain(sent.id);

		// The phone has lost its session with the client: the client has to send it again.
		ben.core.signal.drop(ben.core.signalAddress(anna.companion.jid));
		const id = await sendText(ben.lid, 'after the phone lost its session');
		const heard = await ben.waitForMessage('after the phone lost its session');
		expect(heard.id).toBe(id);
		await sendText(ben.lid, 'and on');
		await ben.waitForMessage('and on');
	});

	it('get a message late whose first request was not answered', async () => {
		const sent = await ben.sendUndecryptable(anna.phone, 'answered late', { answerRetry: 2 });
		await ben.waitUntil('the first request', () =>
			ben.receipts.retryRequests.find(({ id }) => id === sent.id),
		);
		expect(ben.receipts.retryRequests.filter(({ id }) => id === sent.id)).toHaveLength(1);
		await ben.sendAgain(sent);
		await ben.waitForReceipt(sent.id, 'delivered');
		await anna.client.waitForAny('the text', () =>
			anna.client
				.events('messages.upsert')
				.flatMap(({ messages }) => messages)
				.find(({ key, message }) => key.id === sent.id && message),
		);
	});

	it('help the client to a message that its sender does not send again', async () => {
		const isClient = (device: string) => device === anna.companion.jid;
		const options = { corrupt: isClient, answerRetries: false };
		const sent = await ben.sendText(anna.phone, 'only the phone could read it', options);
		await anna.phone.waitForMessage('only the phone could read it');
		// The client waits 5 s for the sender before it asks its own phone.
		const got = await anna.client.text('only the phone could read it');
		expect(got.key.id).toBe(sent.id);
		expect(anna.phone.peer.requests).not.toEqual([]);
	});

	it('send places and contacts', async () => {
		await ben.sendLocation(anna.phone, 52.5, 13.4, 'Berlin');
		await anna.client.waitFor('messages.upsert', 'the place', ({ messages }) =>
			messages.find(({ message }) => message?.locationMessage?.name === 'Berlin'),
		);
		await ben.sendContact(anna.phone, 'Carla', '+1 555 0103');
		const card = await anna.client.waitFor('messages.upsert', 'the contact', ({ messages }) =>
			messages.find(({ message }) => message?.contactMessage?.displayName === 'Carla'),
		);
		expect(card.message!.contactMessage!.vcard).toContain('waid=15550103');
	});

	it('keep what comes while the client is away', async () => {
		await anna.client.stop();
		const sent = await ben.sendText(anna.phone, 'while you were away');
		await anna.phone.waitForMessage('while you were away');
		const client = await world.client({ auth: anna.client.auth });
		anna = { ...anna, client };
		const late = await client.text('while you were away');
		expect(late).toMatchObject({ upsertType: 'append' });
		await ben.waitForReceipt(sent.id, 'delivered');
	});

	it('react, edit, pin, delete and answer', async () => {
		const sent = await ben.sendText(anna.phone, 'original');
		const { key } = await anna.client.text('original');
		await ben.react(sent, '🎉');
		const reaction = await anna.client.waitFor('messages.reaction', 'the reaction', ([first]) =>
			first?.key.id === sent.id ? first : undefined,
		);
		expect(reaction.reaction.text).toBe('🎉');
		await ben.edit(sent, 'changed');
		await anna.client.waitFor('messages.update', 'the edit', (updates) =>
			updates.find(
				({ key: at, update }) =>
					at.id === sent.id && update.message?.editedMessage?.message?.conversation === 'changed',
			),
		);
		await anna.client.socket.sendMessage(ben.lid, { react: { text: '👍', key } });
		const back = await ben.waitForMessage((m) => m.message.reactionMessage != null);
		expect(back.message.reactionMessage?.key).toMatchObject({ id: sent.id });

		const heard = await anna.client.text('original');
		await anna.client.socket.sendMessage(ben.lid, { text: 'an answer' }, { quoted: heard });
		const answer = await ben.waitForMessage('an answer');
		expect(answer.message.extendedTextMessage?.contextInfo?.stanzaId).toBe(sent.id);
		await ben.reply(answer, 'and back');
		const quoted = await anna.client.text('and back');
		expect(quoted.message?.extendedTextMessage?.contextInfo).toMatchObject({
			stanzaId: answer.id,
			participant: anna.phone.lid,
		});

		await ben.revoke(sent);
		await anna.client.waitFor('messages.update', 'the deletion', (updates) =>
			updates.find(({ key: at, update }) => at.id === sent.id && update.message === null),
		);
		await anna.client.socket.sendMessage(ben.lid, { delete: { ...answer.key, fromMe: true } });
		const deleted = await ben.waitForMessage((m) => m.message.protocolMessage?.key != null);
		expect(deleted.stanza.attrs.edit).toBe('7');
	});

	it('count each other’s votes', async () => {
		const { decryptPollVote } = await import('@whiskeysockets/baileys');
		const poll = { name: 'Lunch?', values: ['Soup', 'Salad'], selectableCount: 1 };
		const asked = (await anna.client.socket.sendMessage(ben.lid, { poll }))!;
		const seen = await ben.waitForMessage((m) => m.id === asked.key.id);
		await ben.vote(seen, ['Salad']);
		const vote = await anna.client.waitFor('messages.upsert', 'the vote', ({ messages }) =>
			messages.find(({ message }) => message?.pollUpdateMessage),
		);
		const { selectedOptions } = decryptPollVote(vote.message!.pollUpdateMessage!.vote!, {
			pollEncKey: asked.message!.messageContextInfo!.messageSecret!,
			pollCreatorJid: anna.phone.lid,
			pollMsgId: asked.key.id!,
			voterJid: ben.lid,
		});
		const { createHash } = await import('node:crypto');
		const hash = createHash('sha256').update('Salad').digest('hex');
		expect(selectedOptions!.map((option) => Buffer.from(option).toString('hex'))).toEqual([hash]);
		const own = await ben.sendPoll(anna.phone, 'Tea?', ['Yes', 'No']);
		await anna.client.waitFor('messages.upsert', 'the poll', ({ messages }) =>
			messages.find(({ message }) => message?.pollCreationMessageV3?.name === 'Tea?'),
		);
		expect(() => readVote(own, {}, ben.lid, anna.phone.lid)).toThrow();
	});

	it('see each other type and call', async () => {
		await anna.client.socket.presenceSubscribe(ben.lid);
		ben.type(anna.phone, 'composing');
		await anna.client.waitFor('presence.update', 'typing', ({ presences }) =>
			presences[ben.lid]?.lastKnownPresence === 'composing' ? true : undefined,
		);
		await anna.client.socket.sendPresenceUpdate('recording', ben.lid);
		await ben.waitUntil('recording', () =>
			ben.presence.seen.find(({ from, state }) => from === anna.phone.lid && state === 'recording'),
		);
	});

	it('give each other a token that they may write, and show it', async () => {
		await ben.sendText(anna.phone, 'you may answer');
		const { key } = await anna.client.text('you may answer');
		await anna.client.waitForAny('the token', () => {
			const tokens = anna.client.auth.keys.get('tctoken', [key.remoteJid!]);
			return (tokens as Record<string, { token?: Uint8Array }>)[key.remoteJid!]?.token?.length;
		});
		await sendText(ben.lid, 'and you');
		await ben.waitForMessage('and you');
		await ben.waitUntil('a token from Anna', () => ben.tokens.toShow(anna.phone.lid)[0]);
	});

	it('acknowledge everything they get, so that the server owes them nothing', async () => {
		const owed = () =>
			[ben, anna.phone].flatMap(({ number }) => [
				...world.server.account(number).primary.outbox.pending,
			]);
		await world.server.waitFor('all to be acknowledged', () => owed().length === 0 || undefined);
	});

	it('are told when the server refuses a message', async () => {
		world.server.rejectNext({ code: 463 });
		const refused = ben.sendText(anna.phone, 'refused');
		await expect(refused).rejects.toThrow(MessageRefused);
		await expect(refused).rejects.toMatchObject({ code: '463' });
	});
});
