import { WhatsAppServer } from '../whatsapp/index';
import type { Phone } from '../whatsapp/phone';
import { type LinkedClient, World } from '../whatsapp/phone/testing/world';

/** What a client sees of people beside their messages. */
describe('people', () => {
	let world: World;
	let anna: LinkedClient;
	let ben: Phone;

	beforeAll(async () => {
		world = new World(await WhatsAppServer.start());
		anna = await world.link(await world.phone('+1 555 0101', 'Anna'), {
			shouldSyncHistoryMessage: () => false,
		});
		ben = await world.phone('+1 555 0102', 'Ben');
		await ben.sendText(anna.phone, 'hello');
		await anna.client.text('hello');
	});
	afterEach(() => expect(world.problems).toEqual([]));
	afterAll(async () => await world.stop());

	it('post status, and see each other’s', async () => {
		const sent = await ben.postStatus('on holiday', [anna.phone]);
		const seen = await anna.client.text('on holiday');
		expect(seen.key).toMatchObject({ remoteJid: 'status@broadcast', participant: ben.lid });
		await anna.phone.waitForMessage('on holiday');
		ben.disconnect();
		await ben.connect();
		await ben.postStatus('back again', [anna.phone]);
		await anna.client.text('back again');
		expect(sent.chat).toBe('status@broadcast');
		await anna.client.socket.sendMessage(
			'status@broadcast',
			{ text: 'from the client' },
			{ statusJidList: [ben.lid] },
		);
		const heard = await ben.waitForMessage('from the client');
		expect(heard).toMatchObject({ chat: 'status@broadcast', from: anna.phone.lid });
	});

	it('call, and hang up or are turned down', async () => {
		const id = ben.presence.call(anna.phone.lid, { video: true });
		const offer = await anna.client.waitFor('call', 'the call', (calls) =>
			calls.find((call) => call.id === id && call.status === 'offer'),
		);
		expect(offer).toMatchObject({ from: ben.lid, isVideo: true, callerPn: ben.jid });
		await anna.client.socket.rejectCall(offer.id, offer.from);
		await ben.waitUntil('the refusal', () =>
			ben.presence.calls.find((call) => call.id === id && call.event === 'reject'),
		);
		const missed = ben.presence.call(anna.phone.lid);
		ben.presence.hangUp(anna.phone.lid, missed, 'timeout');
		await anna.client.waitFor('call', 'the end', (calls) =>
			calls.find((call) => call.id === missed && call.status === 'timeout'),
		);
	});

	it('come online and type', async () => {
		await anna.client.comeOnline('Anna');
		await anna.client.socket.presenceSubscribe(ben.lid);
		const seen = async (state: string) =>
			await anna.client.waitFor('presence.update', state, ({ presences }) =>
				presences[ben.lid]?.lastKnownPresence === state ? true : undefined,
			);
		ben.presence.set('available');
		await seen('available');
		ben.type(anna.phone);
		await seen('composing');
		ben.type(anna.phone, 'recording');
		await seen('recording');
		ben.presence.set('unavailable');
		await seen('unavailable');
	});

	it('have a picture, an about text and people they block', async () => {
		const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
		await ben.profile.setPicture(jpeg);
		expect(await anna.client.socket.profilePictureUrl(ben.lid, 'image')).toMatch(/^https:/);
		await ben.profile.setAbout('busy');
		const about = await anna.client.socket.fetchStatus(ben.jid);
		expect(JSON.stringify(about)).toContain('busy');

		await ben.profile.block(anna.phone.lid);
		expect(await ben.profile.blocked()).toEqual([anna.phone.lid]);
		await anna.client.socket.sendMessage(ben.lid, { text: 'are you there?' });
		await anna.phone.waitForMessage('are you there?');
		await ben.profile.unblock(anna.phone.lid);
		await anna.client.socket.sendMessage(ben.lid, { text: 'now?' });
		await ben.waitForMessage('now?');
		expect(ben.messages.some(({ text }) => text === 'are you there?')).toBe(false);
	});
});
