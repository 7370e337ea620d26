import type { Phone } from '../whatsapp/phone';
import { WhatsAppServer } from '../whatsapp/index';
import { Bench, type Linked } from '../whatsapp/testing/linked';

describe('the stand-in server, groups', () => {
	let server: WhatsAppServer;
	let bench: Bench;
	let anna: Linked;
	let ben: Linked;
	let carla: Phone;
	let group: string;

	beforeAll(async () => {
		server = await WhatsAppServer.start();
		bench = new Bench(server);
		anna = await bench.linked('+1 555 0101', 'Anna');
		ben = await bench.linked('+1 555 0102', 'Ben');
		carla = await server.phone('+1 555 0103', { name: 'Carla' });
	});
	/** Each test has a group of its own, made by Anna's client, with Ben in it. */
	beforeEach(async () => {
		const made = await anna.client.socket.groupCreate('Friends', [ben.lid]);
		group = made.id;
	});
	afterAll(async () => {
		await bench.stop();
		expect(server.failures).toEqual([]);
		expect(server.unknownQueries).toEqual([]);
	});

	const info = async () => await anna.client.socket.groupMetadata(group);
	const roles = async () =>
		Object.fromEntries((await info()).participants.map(({ id, admin }) => [id, admin ?? 'member']));
	const notice = async (of: Linked, kind: number) =>
		await of.client.waitFor('messages.upsert', `the notice ${kind}`, ({ messages }) =>
			messages.find(
				({ key, messageStubType }) => key.remoteJid === group && messageStubType === kind,
			),
		);
	const refused = async (query: Promise<unknown>, code: number) =>
		await expect(query).rejects.toMatchObject({ data: code });
	const stub = async () => (await import('@whiskeysockets/baileys')).WAMessageStubType;

	it('shows a new group to everybody in it, with both forms of every address', async () => {
		const seen = await ben.client.waitFor('groups.upsert', 'the group', (groups) =>
			groups.find(({ id }) => id === group),
		);
		expect(seen).toMatchObject({
			subject: 'Friends',
			owner: anna.lid,
			ownerPn: anna.pn,
			addressingMode: 'lid',
			author: anna.lid,
			authorPn: anna.pn,
		});
		expect(seen.participants).toEqual([
			expect.objectContaining({ id: anna.lid, phoneNumber: anna.pn, admin: 'superadmin' }),
			expect.objectContaining({ id: ben.lid, phoneNumber: ben.pn, admin: null }),
		]);
		expect(Object.keys(await ben.client.socket.groupFetchAllParticipating())).toContain(group);
	});

	it('carries messages to all members, from clients and phones', async () => {
		await anna.client.socket.groupParticipantsUpdate(group, [carla.lid], 'add');
		await anna.client.say(group, 'hello all');
		const heard = await ben.client.text('hello all');
		expect(heard.key).toMatchObject({ remoteJid: group, participantAlt: anna.pn });
		expect(heard.key.participant).toBe(anna.lid);
		expect((await carla.waitForMessage('hello all')).chat).toBe(group);
		// Anna's own phone too.
		expect((await anna.phone.waitForMessage('hello all')).fromMe).toBe(true);

		await carla.sendText(group, 'hello from Carla');
		await Promise.all([anna.client.text('hello from Carla'), ben.client.text('hello from Carla')]);
		await ben.client.say(group, 'and from Ben');
		await Promise.all([anna.client.text('and from Ben'), carla.waitForMessage('and from Ben')]);
	});

	it('tells the writer who has got and read a group message', async () => {
		const id = await anna.client.say(group, 'read this');
		const heard = await ben.client.text('read this');
		await ben.client.socket.readMessages([heard.key]);
		await anna.client.waitFor('message-receipt.update', 'Ben to have read it', (updates) =>
			updates.find(
				({ key, receipt }) => key.id === id && receipt.readTimestamp && receipt.userJid === ben.lid,
			),
		);
	});

	it('takes people in and out, each with a code of their own', async () => {
		const { socket } = anna.client;
		const added = await socket.groupParticipantsUpdate(
			group,
			[carla.lid, ben.lid, '15550199@s.whatsapp.net'],
			'add',
		);
		expect(added.map(({ status }) => status)).toEqual(['200', '409', '404']);
		await carla.waitUntil('the group on the phone', () =>
			carla.core.received.find(
				({ attrs, content }) =>
					attrs['from'] === group && Array.isArray(content) && content[0]?.tag === 'create',
			),
		);
		const Stub = await stub();
		await notice(ben, Stub.GROUP_PARTICIPANT_ADD);

		await ben.client.say(group, 'before');
		await carla.waitForMessage('before');
		const removed = await socket.groupParticipantsUpdate(group, [ben.lid, anna.lid], 'remove');
		expect(removed.map(({ status }) => status)).toEqual(['200', '403']);
		await notice(ben, Stub.GROUP_PARTICIPANT_REMOVE);
		const sent = await ben.client.socket
			.sendMessage(group, { text: 'after' })
			.catch(() => undefined);
		expect(sent).toBeUndefined();
		await refused(ben.client.socket.groupMetadata(group), 403);
		expect(Object.keys(await roles())).toEqual([anna.lid, carla.lid]);
	});

	it('makes admins and takes it back; only admins may', async () => {
		const { socket } = anna.client;
		await refused(ben.client.socket.groupParticipantsUpdate(group, [anna.lid], 'demote'), 403);
		await socket.groupParticipantsUpdate(group, [ben.lid], 'promote');
		expect(await roles()).toEqual({ [anna.lid]: 'superadmin', [ben.lid]: 'admin' });
		await notice(ben, (await stub()).GROUP_PARTICIPANT_PROMOTE);
		const tried = await ben.client.socket.groupParticipantsUpdate(group, [anna.lid], 'demote');
		expect(tried[0]?.status).toBe('403');
		await socket.groupParticipantsUpdate(group, [ben.lid], 'demote');
		expect((await roles())[ben.lid]).toBe('member');
	});

	it('changes subject and description, and keeps them to admins when locked', async () => {
		const { socket } = ben.client;
		await socket.groupUpdateSubject(group, 'Best friends');
		await anna.client.waitFor('groups.update', 'the subject', (groups) =>
			groups.find(({ id, subject }) => id === group && subject === 'Best friends'),
		);
		await socket.groupUpdateDescription(group, 'about us');
		expect(await info()).toMatchObject({
			desc: 'about us',
			descOwner: ben.lid,
			subjectOwner: ben.lid,
		});
		await socket.groupUpdateDescription(group, 'more about us');
		await socket.groupUpdateDescription(group);
		expect((await info()).desc).toBeUndefined();

		await anna.client.socket.groupSettingUpdate(group, 'locked');
		expect((await info()).restrict).toBe(true);
		await refused(socket.groupUpdateSubject(group, 'mine'), 403);
		await refused(anna.client.socket.groupUpdateSubject(group, 'x'.repeat(101)), 406);
		await anna.client.socket.groupSettingUpdate(group, 'unlocked');
		await socket.groupUpdateSubject(group, 'ours');
	});

	it('lets only admins write in an announcement group', async () => {
		await anna.client.socket.groupSettingUpdate(group, 'announcement');
		expect((await info()).announce).toBe(true);
		const sent = await ben.client.socket.sendMessage(group, { text: 'may I?' });
		expect(await ben.client.acked(sent?.key.id)).toBe('403');
		await anna.client.say(group, 'only me');
		await ben.client.text('only me');
	});

	it('keeps who may add, disappearing messages and approval', async () => {
		const { socket } = anna.client;
		await socket.groupMemberAddMode(group, 'admin_add');
		await socket.groupToggleEphemeral(group, 86_400);
		await socket.groupJoinApprovalMode(group, 'on');
		expect(await info()).toMatchObject({
			memberAddMode: false,
			ephemeralDuration: 86_400,
			joinApprovalMode: true,
		});
		await refused(ben.client.socket.groupParticipantsUpdate(group, [carla.lid], 'add'), 403);
	});

	it('lets people join by link, until it is revoked', async () => {
		const { socket } = anna.client;
		const code = (await socket.groupInviteCode(group)) ?? '';
		expect(await ben.client.socket.groupGetInviteInfo(code)).toMatchObject({ id: group });
		await refused(ben.client.socket.groupAcceptInvite(code), 409);
		expect(await carla.groups.join(code)).toBe(group);
		expect((await roles())[carla.lid]).toBe('member');
		const next = await socket.groupRevokeInvite(group);
		expect(next).not.toBe(code);
		await carla.groups.leave(group);
		await expect(carla.groups.join(code)).rejects.toThrow('410');
		await refused(ben.client.socket.groupInviteCode(group), 403);
	});

	it('asks the admins about people who join by link, if set so', async () => {
		const { socket } = anna.client;
		await socket.groupJoinApprovalMode(group, 'on');
		const code = (await socket.groupInviteCode(group)) ?? '';
		expect(await carla.groups.join(code)).toBeUndefined();
		const requests = await socket.groupRequestParticipantsList(group);
		expect(requests).toEqual([
			expect.objectContaining({ jid: carla.lid, request_method: 'invite_link' }),
		]);
		await anna.client.waitFor('group.join-request', 'the request', ({ id, action }) =>
			id === group && action === 'created' ? true : undefined,
		);
		const rejected = await socket.groupRequestParticipantsUpdate(group, [carla.lid], 'reject');
		expect(rejected).toEqual([{ status: '200', jid: carla.lid }]);
		expect(await carla.groups.join(code)).toBeUndefined();
		await socket.groupRequestParticipantsUpdate(group, [carla.lid], 'approve');
		expect((await roles())[carla.lid]).toBe('member');
		expect(await socket.groupRequestParticipantsList(group)).toEqual([]);
	});

	it('invites those who do not want to be added', async () => {
		const settings = server.account(carla.number).privacy;
		settings.set('groupadd', 'contacts');
		const [result] = await anna.client.socket.groupParticipantsUpdate(group, [carla.lid], 'add');
		settings.set('groupadd', 'all');
		expect(result?.status).toBe('403');
		const request = result?.content.content;
		expect(JSON.stringify(request)).toContain('add_request');
		expect(Object.keys(await roles())).not.toContain(carla.lid);
	});

	it('stays with an admin when its maker leaves', async () => {
		await anna.client.socket.groupLeave(group);
		await notice(ben, (await stub()).GROUP_PARTICIPANT_LEAVE);
		const { participants } = await ben.client.socket.groupMetadata(group);
		expect(participants).toEqual([expect.objectContaining({ id: ben.lid, admin: 'admin' })]);
		await refused(info(), 403);
	});

	it('tells a device that was away to fetch its groups', async () => {
		await ben.client.stop();
		await anna.client.socket.groupUpdateSubject(group, 'While you were away');
		ben = await bench.again(ben);
		await ben.client.waitFor('groups.update', 'all groups', (groups) =>
			groups.find(({ id, subject }) => id === group && subject === 'While you were away'),
		);
		await server.waitFor('the mark to be cleaned', () =>
			server.account(ben.pn).device(1)?.dirty.size === 0 ? true : undefined,
		);
	});

	it('shows who is typing', async () => {
		await ben.client.socket.sendPresenceUpdate('composing', group);
		await anna.client.waitFor('presence.update', 'Ben typing', ({ id, presences }) =>
			id === group && presences[ben.lid]?.lastKnownPresence === 'composing' ? true : undefined,
		);
	});

	it('gives a device that is linked later the messages that come then', async () => {
		await anna.client.say(group, 'early');
		await ben.client.text('early');
		const later = await bench.companion(ben.phone);
		await server.waitFor('Anna to hear of the device', () =>
			server.account(anna.pn).device(1)?.outbox.size === 0 ? true : undefined,
		);
		await anna.client.say(group, 'late');
		await later.client.text('late');
	});

	it('names members by phone number in an old group', async () => {
		server.groups.addressing = 'pn';
		const made = await anna.client.socket.groupCreate('Old', [ben.pn]);
		server.groups.addressing = 'lid';
		expect(made.addressingMode).toBe('pn');
		expect(made.participants[1]).toMatchObject({ id: ben.pn, lid: ben.lid });
		await anna.client.say(made.id, 'old ways');
		expect((await ben.client.text('old ways')).key).toMatchObject({
			participant: anna.pn,
			participantAlt: anna.lid,
		});
	});

	it('has no room for more than its limit', async () => {
		server.groups.maxMembers = 2;
		const [result] = await anna.client.socket.groupParticipantsUpdate(group, [carla.lid], 'add');
		server.groups.maxMembers = 1024;
		expect(result?.status).toBe('419');
	});

	it('keeps hidden numbers to itself, and tells user names', async () => {
		server.hideNumber(carla.number);
		server.setUsername(carla.number, 'carla.online');
		await anna.client.socket.groupParticipantsUpdate(group, [carla.lid], 'add');
		const { participants } = await anna.client.socket.groupMetadata(group);
		const shown = participants.find(({ id }) => id === carla.lid);
		expect(shown).toMatchObject({ username: 'carla.online' });
		expect(shown?.phoneNumber).toBeUndefined();
		await carla.sendText(group, 'who am I?');
		const heard = await ben.client.text('who am I?');
		expect(heard.key).toMatchObject({
			participant: carla.lid,
			participantUsername: 'carla.online',
		});
		expect(heard.key.participantAlt).toBeUndefined();
		await carla.sendText(anna.phone, 'and here?');
		const direct = await anna.client.text('and here?');
		expect(direct.key.remoteJid).toBe(carla.lid);
		expect(direct.key.remoteJidAlt).toBeUndefined();
		server.hideNumber(carla.number, false);
		server.setUsername(carla.number, undefined);
	});

	it('has communities with groups in them', async () => {
		const { socket } = anna.client;
		const community = await socket.communityCreate('Village', 'all of us');
		const jid = community?.id ?? '';
		expect(await socket.groupMetadata(jid)).toMatchObject({ isCommunity: true, desc: 'all of us' });
		const made = await socket.communityCreateGroup('Football', [ben.lid], jid);
		expect(made?.linkedParent).toBe(jid);
		await socket.communityLinkGroup(group, jid);
		const { linkedGroups } = await socket.communityFetchLinkedGroups(group);
		expect(linkedGroups.map(({ subject }) => subject).sort()).toEqual(
			['Football', 'Friends', 'General', 'Village'].sort(),
		);
		expect((await socket.groupMetadata(jid)).participants.map(({ id }) => id)).toContain(ben.lid);
		await socket.communityUnlinkGroup(group, jid);
		expect((await info()).linkedParent).toBeUndefined();
		await ben.client.socket.communityLeave(jid);
		await refused(ben.client.socket.groupMetadata(made?.id ?? ''), 403);
		await ben.client.socket.groupMetadata(group);
	});
});
