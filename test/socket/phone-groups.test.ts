import { WhatsAppServer } from '../whatsapp/index';
import type { Phone } from '../whatsapp/phone';
import { type LinkedClient, World } from '../whatsapp/phone/testing/world';

/** A client in groups with phones. */
describe('groups', () => {
	let world: World;
	let anna: LinkedClient;
	let ben: Phone;
	let carla: Phone;

	beforeAll(async () => {
		for (const level of ['log', 'info', 'warn', 'error'] as const) {
			jest.spyOn(console, level).mockImplementation(() => {});
		}
		world = new World(await WhatsAppServer.start());
		anna = await world.link(await world.phone('+1 555 0101', 'Anna'));
		ben = await world.phone('+1 555 0102', 'Ben');
		carla = await world.phone('+1 555 0103', 'Carla');
	});
	afterEach(() => expect(world.problems).toEqual([]));
	afterAll(async () => {
		await world.stop();
		jest.restoreAllMocks();
	});

	it('made on a phone are heard of, written to and read by all devices of the members', async () => {
		const group = await ben.createGroup('Team', [anna.phone, '+1 555 0103']);
		await anna.client.waitFor('groups.upsert', 'the group', (groups) =>
			groups.find(({ id, subject }) => id === group && subject === 'Team'),
		);
		await ben.sendText(group, 'from a phone');
		const got = await anna.client.text('from a phone');
		expect(got.key).toMatchObject({ remoteJid: group, participant: ben.lid });
		await anna.phone.waitForMessage('from a phone');
		await carla.waitForMessage('from a phone');

		const sent = (await anna.client.socket.sendMessage(group, { text: 'from the client' }))!;
		for (const phone of [ben, carla, anna.phone]) {
			const heard = await phone.waitForMessage('from the client');
			expect(heard).toMatchObject({ id: sent.key.id, chat: group, from: anna.phone.lid });
			expect(heard.fromMe).toBe(phone === anna.phone);
		}
		ben.markRead(await ben.waitForMessage('from the client'));
		await anna.client.waitFor('message-receipt.update', 'who has read it', (updates) =>
			updates.find(({ key, receipt }) => key.id === sent.key.id && receipt.readTimestamp),
		);
		await ben.sendText(group, 'again from a phone');
		await anna.client.text('again from a phone');
		await anna.client.socket.sendMessage(group, { text: 'again from the client' });
		await carla.waitForMessage('again from the client');
	});

	it('let members ask for what they could not read, phones and clients alike', async () => {
		const group = await ben.createGroup('Retries', [anna.phone, carla]);
		await ben.sendText(group, 'broken', { corrupt: true });
		await anna.client.text('broken');
		await carla.waitForMessage('broken');

		await anna.client.socket.sendMessage(group, { text: 'first' });
		await carla.waitForMessage('first');
		carla.core.senderKeys.forget(group, carla.core.signalAddress(anna.companion.jid));
		await anna.client.socket.sendMessage(group, { text: 'after Carla lost the key' });
		await carla.waitForMessage('after Carla lost the key');
		await ben.waitForMessage('after Carla lost the key');
	});

	it('keep out who was removed, and let in who was added', async () => {
		const group = await ben.createGroup('Changing', [anna.phone]);
		expect(await ben.addToGroup(group, carla, '+1 555 0102')).toMatchObject([
			{ jid: carla.lid, code: '200' },
			{ jid: ben.lid, code: '409' },
		]);
		await anna.client.waitFor('group-participants.update', 'Carla', ({ id, action }) =>
			id === group && action === 'add' ? true : undefined,
		);
		await carla.sendText(group, 'I am in');
		await anna.client.text('I am in');
		await ben.promote(group, anna.phone);
		await anna.client.waitFor('group-participants.update', 'the promotion', ({ id, action }) =>
			id === group && action === 'promote' ? true : undefined,
		);
		await anna.client.socket.groupParticipantsUpdate(group, [carla.lid], 'remove');
		await carla.waitUntil('the removal', () =>
			carla.core.received.find(({ tag, attrs }) => tag === 'notification' && attrs.from === group),
		);
		await anna.client.socket.sendMessage(group, { text: 'without Carla' });
		await ben.waitForMessage('without Carla');
		expect(carla.messages.some(({ text }) => text === 'without Carla')).toBe(false);
		await expect(carla.sendText(group, 'still here?')).rejects.toThrow();
		expect((await ben.groups.info(group)).members.map(({ jid }) => jid)).toEqual([
			ben.lid,
			anna.phone.lid,
		]);
	});

	it('are joined by link, by approval and by personal invitation', async () => {
		const group = await ben.createGroup('Joining', [anna.phone]);
		expect(await carla.groups.join(await ben.groups.inviteCode(group))).toBe(group);
		await carla.groups.leave(group);
		await ben.groups.setJoinApproval(group, 'on');
		expect(await carla.groups.join(await ben.groups.inviteCode(group))).toBeUndefined();
		expect(await ben.groups.joinRequests(group)).toEqual([carla.lid]);
		await ben.groups.answerJoinRequests(group, 'approve', [carla.lid]);
		await carla.sendText(group, 'approved');
		await anna.client.text('approved');
		await ben.removeFromGroup(group, carla);

		await carla.profile.setPrivacy('groupadd', 'contacts');
		const [result] = await ben.addToGroup(group, carla);
		expect(result).toMatchObject({ code: '403' });
		await ben.invite(carla, group, result!.invite!);
		const invitation = await carla.waitForMessage((m) => m.message.groupInviteMessage != null);
		await carla.acceptInvite(invitation);
		await carla.sendText(group, 'here by invitation');
		await anna.client.text('here by invitation');
	});

	it('are described and set up from a phone', async () => {
		const group = await ben.createGroup('Old name', [anna.phone]);
		const update = async (what: string, fits: (update: Record<string, unknown>) => boolean) =>
			await anna.client.waitFor('groups.update', what, (updates) =>
				updates.find((each) => each.id === group && fits({ ...each })),
			);
		await ben.groups.setSubject(group, 'New name');
		await update('the subject', ({ subject }) => subject === 'New name');
		await ben.groups.setDescription(group, 'What it is for');
		await update('the description', ({ desc }) => desc === 'What it is for');
		await ben.groups.setDescription(group, 'What it is really for');
		await ben.groups.setSetting(group, 'announcement');
		await update('announcement', ({ announce }) => announce === true);
		await ben.groups.setSetting(group, 'locked');
		await update('locked', ({ restrict }) => restrict === true);
		await ben.groups.setMemberAddMode(group, 'admin_add');
		await ben.groups.setDisappearing(group, 86_400);
		const info = await anna.client.socket.groupMetadata(group);
		expect(info).toMatchObject({
			subject: 'New name',
			desc: 'What it is really for',
			announce: true,
			restrict: true,
			ephemeralDuration: 86_400,
		});
	});
});
