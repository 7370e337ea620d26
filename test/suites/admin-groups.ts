/** Administering groups: what the node says, and what the phones of other members see. */
import type { IDataObject } from 'n8n-workflow';
import sharp from 'sharp';
import { listed, locator, picked } from '../helpers/nodeFields';
import type { Sender, SendOptions } from '../helpers/sender';
import type { Phone } from '../whatsapp';
import { child, children, type BinaryNode } from '../whatsapp/phone/nodes';

const ANNA = '+1 555 010 0101';
const BEN = '+1 555 010 0102';
const CARLA = '+1 555 010 0103';
const NOBODY = '+1 555 010 0199';

type Outcome = { lid: string | null; phone: string | null; status: string; code: number | null };

export function adminGroupsSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let me: Phone;
	let anna: Phone;
	let ben: Phone;
	/** Lets nobody add her. */
	let carla: Phone;

	beforeAll(async () => {
		sender = await start();
		({ me } = sender);
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		ben = await sender.server.phone(BEN, { name: 'Ben' });
		carla = await sender.server.phone(CARLA, { name: 'Carla' });
		await carla.profile.setPrivacy('groupadd', 'contacts');
	});
	afterAll(async () => {
		await sender.stop();
		expect(sender.server.failures).toEqual([]);
		expect(sender.server.unknownQueries).toEqual([]);
	});

	const many = async (operation: string, parameters: IDataObject, options?: SendOptions) =>
		(await sender.items(operation, { resource: 'group', ...parameters }, options)).map(
			({ json }) => json,
		);
	const run = async (operation: string, parameters: IDataObject, options?: SendOptions) =>
		(await many(operation, parameters, options))[0]!;
	const refused = async (operation: string, parameters: IDataObject) =>
		(await sender.refusal(operation, { resource: 'group', ...parameters })).code;
	const statuses = ({ participants }: IDataObject) =>
		(participants as Outcome[]).map(({ status }) => status);
	/** A group that the number made, with Anna and Ben in it. */
	const made = async (...people: string[]) =>
		String((await run('create', { name: 'Choir', ...listed(ANNA, BEN, ...people) })).id);
	/** A group of Anna's with the number in it as an ordinary member. */
	const annas = async () => await anna.createGroup('Of Anna', [me, ben]);
	const membersOf = async (group: string, seenBy = anna) =>
		(await seenBy.groups.info(group)).members.map(({ jid }) => jid);
	/** A change of the group, as the phone of a member was told of it. */
	const told = async (phone: Phone, group: string, tag: string): Promise<BinaryNode> =>
		await phone.waitUntil(`${tag} in ${group}`, () =>
			phone.core.received
				.filter(({ attrs }) => attrs.from === group)
				.flatMap((stanza) => children(stanza, tag))
				.at(-1),
		);

	test('Create makes a group, and says of each person what became of them', async () => {
		const group = await run('create', {
			name: 'Choir',
			...picked(anna.lid),
			...listed(BEN, CARLA, NOBODY, '15550100102'),
			options: { description: 'We meet on Mondays' },
		});
		expect(group).toMatchObject({
			name: 'Choir',
			description: 'We meet on Mondays',
			size: 3,
			role: 'superadmin',
			done: 2,
			failed: 2,
		});
		expect(group.participants).toEqual([
			expect.objectContaining({ lid: anna.lid, status: 'added', reason: null, code: 200 }),
			expect.objectContaining({ phone: '+15550100102', status: 'added' }),
			expect.objectContaining({ lid: carla.lid, status: 'privacy', code: 403 }),
			{
				id: '15550100199@s.whatsapp.net',
				lid: null,
				phone: '+15550100199',
				name: null,
				username: null,
				status: 'notOnWhatsApp',
				reason: 'This number is not on WhatsApp.',
				code: null,
			},
		]);
		const id = String(group.id);
		await told(ben, id, 'create');
		expect(await anna.groups.info(id)).toMatchObject({
			subject: 'Choir',
			description: 'We meet on Mondays',
			members: [{ jid: me.lid, admin: 'superadmin' }, { jid: anna.lid }, { jid: ben.lid }],
		});
	});

	test('who may not be added gets an invitation instead, and can accept it', async () => {
		const group = await run('create', {
			name: 'Invited',
			...listed(ANNA, CARLA),
			options: { invite: true, text: 'Come and sing' },
		});
		expect(statuses(group)).toEqual(['added', 'invited']);
		const invitation = await carla.waitForMessage(
			({ message }) => message.groupInviteMessage?.groupJid === group.id,
		);
		expect(invitation.message.groupInviteMessage).toMatchObject({
			groupName: 'Invited',
			caption: 'Come and sing',
		});
		await carla.acceptInvite(invitation);
		expect(await membersOf(String(group.id))).toContain(carla.lid);
	});

	test('one retry does not create a second group', async () => {
		const before = sender.server.count('w:g2/create');
		const again = { executionId: 'create-once' };
		const [first] = await many('create', { name: 'Once', ...listed(ANNA) }, again);
		const [second] = await many('create', { name: 'Once', ...listed(ANNA) }, again);
		expect(second).toEqual(first);
		expect(sender.server.count('w:g2/create')).toBe(before + 1);
	});

	test('people are added, each with a result of their own, and removed again', async () => {
		const dora = await sender.server.phone('+1 555 010 0104', { name: 'Dora' });
		const group = await made();
		const field = { group: locator(group) };
		const added = await run('addParticipants', {
			...field,
			...picked(dora.lid),
			...listed(ANNA, CARLA, NOBODY),
		});
		expect(statuses(added)).toEqual(['added', 'alreadyMember', 'privacy', 'notOnWhatsApp']);
		expect(added).toMatchObject({ group, done: 1, failed: 3 });
		await told(dora, group, 'create');
		const [newcomer] = children(await told(anna, group, 'add'), 'participant');
		expect(newcomer?.attrs.jid).toBe(dora.lid);

		// A message right after it reaches her, and after her removal it does not.
		const hello = await sender.send('sendText', { chat: locator(group), text: 'hello Dora' });
		await dora.waitForMessage(({ id }) => id === hello.messageId);
		const removed = await run('removeParticipants', {
			...field,
			...listed('+1 555 010 0104', NOBODY),
		});
		expect(statuses(removed)).toEqual(['removed', 'notOnWhatsApp']);
		await told(dora, group, 'remove');
		expect(await membersOf(group)).not.toContain(dora.lid);
		const later = await sender.send('sendText', { chat: locator(group), text: 'she is gone' });
		await ben.waitForMessage(({ id }) => id === later.messageId);
		expect(dora.messages.map(({ id }) => id)).not.toContain(later.messageId);
		const gone = await run('removeParticipants', { ...field, ...picked(dora.lid) });
		expect(statuses(gone)).toEqual(['notMember']);
	});

	test('members become admins and members again', async () => {
		const group = await made();
		const field = { group: locator(group), ...listed(BEN) };
		expect(statuses(await run('promoteParticipants', field))).toEqual(['promoted']);
		expect(await anna.groups.info(group)).toMatchObject({
			members: [{}, {}, { jid: ben.lid, admin: 'admin' }],
		});
		const read = await many('getParticipants', {
			group: locator(group),
			filters: { role: 'admins' },
		});
		expect(read.map(({ lid }) => lid)).toEqual([me.lid, ben.lid]);
		expect(statuses(await run('demoteParticipants', field))).toEqual(['demoted']);
		const info = await anna.groups.info(group);
		expect(info.members.find(({ jid }) => jid === ben.lid)?.admin).toBeUndefined();
		const own = { group: locator(group), ...listed('+1 555 010 0100') };
		expect(statuses(await run('demoteParticipants', own))).toEqual(['notAllowed']);
	});

	test('in a group that names people by number it works with numbers', async () => {
		sender.server.groups.addressing = 'pn';
		const group = await made();
		sender.server.groups.addressing = 'lid';
		const promoted = await run('promoteParticipants', {
			group: locator(group),
			...picked(ben.lid),
		});
		expect(promoted.participants).toEqual([
			expect.objectContaining({ lid: ben.lid, phone: '+15550100102', status: 'promoted' }),
		]);
		const info = await anna.groups.info(group);
		expect(info.members.find(({ jid }) => jid === ben.jid)?.admin).toBe('admin');
	});

	test('name and description change, also when somebody else is faster', async () => {
		const group = await made();
		const field = { group: locator(group) };
		expect(await run('updateName', { ...field, name: ' Choir 2 ' })).toEqual({
			group,
			name: 'Choir 2',
		});
		expect((await told(ben, group, 'subject')).attrs.subject).toBe('Choir 2');
		await run('updateDescription', { ...field, description: 'On Tuesdays now' });
		expect((await anna.groups.info(group)).description).toBe('On Tuesdays now');
		await anna.groups.setDescription(group, 'Of Anna');
		await run('updateDescription', { ...field, description: 'Of us all' });
		expect((await anna.groups.info(group)).description).toBe('Of us all');
		expect(await run('updateDescription', { ...field, description: '' })).toEqual({
			group,
			description: null,
		});
		expect((await ben.groups.info(group)).description).toBeUndefined();
	});

	test('the picture is cut to a square JPEG, and taken away again', async () => {
		const group = await made();
		const png = await sharp({
			create: { width: 900, height: 300, channels: 4, background: '#2ca02c80' },
		})
			.png()
			.toBuffer();
		const items = [
			{ json: {}, binary: { data: { data: png.toString('base64'), mimeType: 'image/png' } } },
		];
		const field = { group: locator(group) };
		const set = await run(
			'setPicture',
			{ ...field, inputType: 'binary', binaryPropertyName: 'data' },
			{ items },
		);
		const notice = async (tag: string) =>
			await anna.waitUntil(`the picture ${tag}`, () =>
				anna.core.received.find(
					({ attrs, ...stanza }) =>
						attrs.type === 'picture' && attrs.from === group && child(stanza as BinaryNode, tag),
				),
			);
		expect(child(await notice('set'), 'set')?.attrs.id).toBe(set.pictureId);
		const { picture } = sender.server.groups.find(group)!;
		const shown = await anna.media.downloadAt(picture!.path);
		expect(await sharp(shown).metadata()).toMatchObject({
			format: 'jpeg',
			width: 640,
			height: 640,
		});
		await run('removePicture', field);
		await notice('delete');
		expect(sender.server.groups.find(group)?.picture).toBeUndefined();
		const bad = [
			{ json: {}, binary: { data: { data: 'bm90IGEgcGljdHVyZQ==', mimeType: 'image/png' } } },
		];
		const refusal = await sender.refusal(
			'setPicture',
			{ resource: 'group', ...field, inputType: 'binary', binaryPropertyName: 'data' },
			{ items: bad },
		);
		expect(refusal.code).toBe('bad-media');
	});

	test('settings change what members may do', async () => {
		const group = await made();
		const field = { group: locator(group) };
		const tags = async () => (await ben.groups.info(group)).node;
		const has = async (tag: string) => child(await tags(), tag) !== undefined;

		await run('updateSettings', {
			...field,
			settings: {
				sendMessages: 'admins',
				editInfo: 'admins',
				addMembers: 'admins',
				approval: true,
				disappearing: 86_400,
			},
		});
		await expect(ben.sendText(group, 'may I?')).rejects.toThrow();
		await expect(ben.groups.setSubject(group, 'Mine')).rejects.toThrow();
		await expect(ben.addToGroup(group, carla)).rejects.toThrow();
		expect(await has('membership_approval_mode')).toBe(true);
		expect(child(await tags(), 'ephemeral')?.attrs.expiration).toBe('86400');
		// What is written next disappears as set just now.
		const sent = await sender.send('sendText', { chat: locator(group), text: 'soon gone' });
		const got = await ben.waitForMessage(({ id }) => id === sent.messageId);
		expect(got.message.extendedTextMessage?.contextInfo?.expiration).toBe(86_400);
		expect(await run('get', field)).toMatchObject({
			onlyAdminsWrite: true,
			onlyAdminsEdit: true,
			membersMayAdd: false,
			joinNeedsApproval: true,
			disappearsAfter: 86_400,
		});

		const settings = { sendMessages: 'all', editInfo: 'all', addMembers: 'all', disappearing: 0 };
		expect(await run('updateSettings', { ...field, settings })).toEqual({ group, ...settings });
		await ben.sendText(group, 'I may');
		await ben.groups.setSubject(group, 'Ours');
		expect(await has('ephemeral')).toBe(false);
	});

	test('an invite link is got, looked up, used, and revoked', async () => {
		const group = await annas();
		const code = await anna.groups.inviteCode(group);
		await anna.removeFromGroup(group, me);
		const link = `https://chat.whatsapp.com/${code}`;
		expect(await run('getByInviteLink', { link })).toMatchObject({
			id: group,
			name: 'Of Anna',
			size: 2,
		});
		expect(await run('join', { link })).toEqual({ group, status: 'joined' });
		expect(await membersOf(group)).toContain(me.lid);
		expect(await run('join', { link })).toEqual({ group, status: 'alreadyMember' });

		const own = await made();
		const got = await run('getInviteLink', { group: locator(own) });
		expect(got.link).toBe(`https://chat.whatsapp.com/${String(got.code)}`);
		expect(await carla.groups.join(String(got.code))).toBe(own);
		const fresh = await run('revokeInviteLink', { group: locator(own) });
		expect(fresh.code).not.toBe(got.code);
		expect(await refused('getByInviteLink', { link: String(got.link) })).toBe('link-invalid');
		expect(
			await refused('join', { link: 'https://chat.whatsapp.com/0123456789012345678901' }),
		).toBe('link-invalid');
		expect(await refused('join', { link: 'https://example.com/group' })).toBe('bad-parameter');
	});

	test('an invite is sent as a link with the name of the group', async () => {
		const group = await made();
		const dora = await sender.server.phone('+1 555 010 0104', { name: 'Dora' });
		const sent = await run('sendInvite', {
			group: locator(group),
			to: locator('+1 555 010 0104'),
			text: 'Come and sing',
		});
		const { message } = await dora.waitForMessage(({ id }) => id === sent.messageId);
		const { text = '', matchedText, title } = message.extendedTextMessage ?? {};
		expect(title).toBe('Choir');
		expect(text).toBe(`Come and sing\n${String(matchedText)}`);
		expect(await dora.groups.join(String(matchedText).split('/').at(-1)!)).toBe(group);
		expect(await refused('sendInvite', { group: locator(group), to: locator(BEN) })).toBe(
			'not-allowed',
		);
	});

	test('a personal invitation is accepted by its message', async () => {
		const group = await anna.createGroup('Private', [ben]);
		await me.profile.setPrivacy('groupadd', 'contacts');
		const [result] = await anna.addToGroup(group, me);
		await me.profile.setPrivacy('groupadd', 'all');
		const { id } = await anna.invite(me, group, result!.invite!);
		await sender.heard(id);
		expect(await run('join', { by: 'message', messageId: id })).toEqual({
			group,
			status: 'joined',
		});
		expect(await membersOf(group)).toContain(me.lid);
	});

	test('join requests are listed, approved and rejected', async () => {
		const group = await made();
		await run('updateSettings', { group: locator(group), settings: { approval: true } });
		const { code } = await run('getInviteLink', { group: locator(group) });
		const dora = await sender.server.phone('+1 555 010 0104', { name: 'Dora' });
		const emil = await sender.server.phone('+1 555 010 0105', { name: 'Emil' });
		sender.server.hideNumber('+1 555 010 0105');
		for (const each of [dora, emil]) {
			expect(await each.groups.join(String(code))).toBeUndefined();
		}
		const requests = await many('getJoinRequests', { group: locator(group) });
		expect(requests).toEqual([
			expect.objectContaining({
				lid: dora.lid,
				phone: '+15550100104',
				method: 'inviteLink',
				requestedAt: expect.stringMatching(/^\d{4}-.*Z$/),
				group,
			}),
			expect.objectContaining({ lid: emil.lid, phone: null }),
		]);
		const rejected = await run('rejectJoinRequests', {
			group: locator(group),
			all: false,
			...picked(emil.lid),
			...listed(NOBODY),
		});
		expect(statuses(rejected)).toEqual(['rejected', 'notOnWhatsApp']);
		await told(emil, group, 'revoked_membership_requests');
		const approved = await run('approveJoinRequests', { group: locator(group), all: true });
		expect(statuses(approved)).toEqual(['approved']);
		await told(dora, group, 'create');
		const late = { group: locator(group), all: false, ...picked(emil.lid) };
		expect(statuses(await run('approveJoinRequests', late))).toEqual(['noRequest']);
		expect(await many('getJoinRequests', { group: locator(group) })).toEqual([]);
	});

	test('with approval, joining by link says that an admin has to approve', async () => {
		const group = await anna.createGroup('Closed', [ben]);
		await anna.groups.setJoinApproval(group, 'on');
		const link = `https://chat.whatsapp.com/${await anna.groups.inviteCode(group)}`;
		expect(await run('join', { link })).toEqual({ group, status: 'approvalNeeded' });
		expect(await anna.groups.joinRequests(group)).toEqual([me.lid]);
	});

	test('the own member tag is shown to the others', async () => {
		const group = await annas();
		const set = await run('setMemberTag', { group: locator(group), tag: 'Conductor' });
		const got = await ben.waitForMessage(({ id }) => id === set.messageId);
		expect(got.message.protocolMessage?.memberLabel?.label).toBe('Conductor');
		expect(child(got.stanza, 'meta')?.attrs).toMatchObject({ appdata: 'member_tag' });
		expect(await refused('setMemberTag', { group: locator(group), tag: 'x'.repeat(31) })).toBe(
			'bad-parameter',
		);
	});

	test('after leaving it is not a member, and everything says so', async () => {
		const group = await annas();
		const field = { group: locator(group) };
		expect(await run('leave', field)).toEqual({ group, left: true });
		const [left] = children(await told(ben, group, 'remove'), 'participant');
		expect(left?.attrs.jid).toBe(me.lid);
		expect(await membersOf(group)).toEqual([anna.lid, ben.lid]);
		expect(await refused('leave', field)).toBe('not-member');
		expect(await refused('updateName', { ...field, name: 'Mine' })).toBe('not-member');
		expect(await refused('get', field)).toBe('not-member');
		expect(await refused('getInviteLink', field)).toBe('not-member');
		const picture = { ...field, inputType: 'binary', binaryPropertyName: 'data' };
		expect(await refused('removePicture', picture)).toBe('not-member');
		const text = await sender.refusal('sendText', { chat: locator(group), text: 'still here?' });
		expect(text.code).toBe('not-member');
	});

	test('a group that was left is deleted from the own devices', async () => {
		const group = await annas();
		const field = { group: locator(group) };
		expect(await refused('deleteForMe', field)).toBe('not-allowed');
		await run('leave', field);
		expect(await run('deleteForMe', field)).toEqual({ group, deletedForMe: true });
		await me.waitUntil('the deletion on the own phone', () =>
			me.appState.collection('regular_high').get(['deleteChat', group, '0']),
		);
	});

	test('an agent does what cannot be undone only where the user has picked it', async () => {
		const group = await annas();
		const left = { resource: 'group', group: locator(group) };
		const asTool = { asTool: true };
		// n8n evaluates no expression in the two fields that say what the node does (noDataExpression),
		// so no model can fill them, whatever a workflow's JSON says.
		const chosen = await sender.refusal('={{ "leave" }}', left, asTool);
		expect(chosen.message).toContain('There is no operation');
		expect(await membersOf(group)).toContain(me.lid);
		const picked = await sender.items('leave', left, asTool);
		expect(picked[0]?.json).toEqual({ group, left: true });
	});

	test('who is no admin is told so', async () => {
		const group = await annas();
		await anna.groups.setSetting(group, 'locked');
		const field = { group: locator(group) };
		expect(await refused('removeParticipants', { ...field, ...listed(BEN) })).toBe('not-admin');
		expect(await refused('promoteParticipants', { ...field, ...listed(BEN) })).toBe('not-admin');
		expect(await refused('updateName', { ...field, name: 'Mine' })).toBe('not-admin');
		expect(await refused('updateDescription', { ...field, description: 'x' })).toBe('not-admin');
		expect(await refused('updateSettings', { ...field, settings: { approval: true } })).toBe(
			'not-admin',
		);
		expect(await refused('getJoinRequests', field)).toBe('not-admin');
		expect(await refused('removePicture', field)).toBe('not-admin');
		await anna.groups.setSetting(group, 'announcement');
		const text = await sender.refusal('sendText', { chat: locator(group), text: 'may I?' });
		expect(text.code).toBe('not-admin');
	});

	test('a group has room for 1 024 people', async () => {
		const crowd = Array.from(
			{ length: 1_024 },
			(_, at) => `+1555020${String(at).padStart(4, '0')}`,
		);
		expect(await refused('create', { name: 'Crowd', ...listed(...crowd) })).toBe('group-full');
		const group = await made();
		expect(
			await refused('addParticipants', { group: locator(group), ...listed(...crowd.slice(2)) }),
		).toBe('group-full');
		sender.server.groups.maxMembers = 3;
		const full = await run('addParticipants', {
			group: locator(group),
			...listed(NOBODY, '+1 555 010 0104'),
		});
		sender.server.groups.maxMembers = 1_024;
		expect(statuses(full)).toEqual(['notOnWhatsApp', 'groupFull']);
	});

	test('what cannot be is refused before anything is done', async () => {
		const group = await made();
		const field = { group: locator(group) };
		const queries = sender.server.count('w:g2');
		expect(await refused('create', { name: '={{ " " }}' })).toBe('bad-parameter');
		expect(await refused('create', { name: 'x'.repeat(101) })).toBe('bad-parameter');
		expect(await refused('addParticipants', field)).toBe('bad-parameter');
		expect(await refused('addParticipants', { ...field, ...listed(ANNA, 'Anna') })).toBe(
			'bad-recipient',
		);
		expect(await refused('addParticipants', { ...field, ...listed(group) })).toBe('bad-recipient');
		expect(await refused('addParticipants', { ...field, ...listed('+1 555') })).toBe('bad-phone');
		expect(await refused('updateSettings', field)).toBe('bad-parameter');
		expect(await refused('updateName', { ...field, name: '={{ "" }}' })).toBe('bad-parameter');
		expect(await refused('leave', { group: locator(ANNA) })).toBe('bad-recipient');
		expect(sender.server.count('w:g2')).toBe(queries);
		const missing = { group: locator('120363499999999999@g.us') };
		expect(await refused('updateName', { ...missing, name: 'x' })).toBe('not-found');
	});

	test('too many questions are answered with a refusal of their own, nothing is done twice', async () => {
		const group = await made();
		sender.server.failQueries('w:g2/subject', 429);
		expect(await refused('updateName', { group: locator(group), name: 'x' })).toBe('rate-limited');
		expect((await anna.groups.info(group)).subject).toBe('Choir');
	});
}
