/** Events about groups, made by members on the stand-in, with their JSON. */
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';
import type { Phone } from '../whatsapp';

let product: Product;
let me: Phone;
let anna: Phone;
let ben: Phone;
let heard: Heard;
let group: string;

const event = eventsOf(() => heard);
const personOf = (phone: Phone) => ({ lid: phone.lid, phone: `+${phone.number}` });

beforeAll(async () => {
	product = await Product.start();
	const runtime = product.runtime();
	const account = product.account();
	me = await product.phone('Me');
	anna = await product.phone('Anna');
	ben = await product.phone('Ben');
	await product.link(runtime, account, me);
	heard = await product.listen(runtime, account, 'w/groups', () => true);
});

afterAll(async () => {
	await heard?.close();
	await product?.stop();
});

test('a group is made with this number in it', async () => {
	group = await anna.createGroup('Choir', [me]);
	const created = await event('group.created');
	expect(created).toMatchObject({
		chat: group,
		chatName: 'Choir',
		isGroup: true,
		from: personOf(anna),
		fromMe: false,
		text: 'Choir',
		messageId: null,
		size: 2,
	});
	expect(heard.events.filter(({ event: name }) => name === 'group.joined')).toEqual([]);
});

test('people are added, made admins, made members again and removed', async () => {
	await anna.addToGroup(group, ben);
	const about = { chat: group, chatName: 'Choir', from: personOf(anna), includesMe: false };
	const ofBen = { ...about, participants: [personOf(ben)] };
	expect(await event('group.participantsAdded')).toMatchObject({ ...ofBen, byThemselves: false });
	await anna.promote(group, ben);
	expect(await event('group.participantsPromoted')).toMatchObject(ofBen);
	await anna.demote(group, ben);
	expect(await event('group.participantsDemoted')).toMatchObject(ofBen);
	await anna.removeFromGroup(group, ben);
	expect(await event('group.participantsRemoved')).toMatchObject({ ...ofBen, byThemselves: false });
});

test('somebody joins with the invite link, and leaves', async () => {
	await ben.groups.join(await anna.groups.inviteCode(group));
	expect(await event('group.participantsAdded')).toMatchObject({
		participants: [personOf(ben)],
		byThemselves: true,
	});
	await ben.groups.leave(group);
	expect(await event('group.participantsRemoved')).toMatchObject({
		participants: [personOf(ben)],
		byThemselves: true,
	});
});

test('name, description and picture change', async () => {
	await anna.groups.setSubject(group, 'Big Choir');
	expect(await event('group.nameChanged')).toMatchObject({
		chat: group,
		chatName: 'Big Choir',
		text: 'Big Choir',
		from: personOf(anna),
	});
	await anna.groups.setDescription(group, 'Mondays');
	expect(await event('group.descriptionChanged')).toMatchObject({ text: 'Mondays' });
	await anna.groups.setDescription(group, '');
	expect(await event('group.descriptionChanged')).toMatchObject({ text: null });
	await anna.profile.setPicture(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1]), group);
	expect(await event('group.pictureChanged')).toMatchObject({ chat: group, removed: false });
});

test.each([
	['announcement', 'onlyAdminsWrite', true],
	['not_announcement', 'onlyAdminsWrite', false],
	['locked', 'onlyAdminsEdit', true],
])('the setting %s', async (setting, name, value) => {
	await anna.groups.setSetting(group, setting);
	expect(await event('group.settingsChanged')).toMatchObject({
		chat: group,
		from: personOf(anna),
		setting: name,
		value,
	});
});

test('who may add, approval of new members and disappearing messages', async () => {
	await anna.groups.setMemberAddMode(group, 'all_member_add');
	expect(await event('group.settingsChanged')).toMatchObject({
		setting: 'membersMayAdd',
		value: true,
	});
	await anna.groups.setDisappearing(group, 86_400);
	expect(await event('group.settingsChanged')).toMatchObject({
		setting: 'disappearingSeconds',
		value: 86_400,
	});
	await anna.groups.setJoinApproval(group, 'on');
	expect(await event('group.settingsChanged')).toMatchObject({
		setting: 'joinNeedsApproval',
		value: true,
	});
});

test('somebody asks to be let in', async () => {
	await anna.promote(group, me);
	await event('group.participantsPromoted', ({ includesMe }) => includesMe === true);
	await ben.groups.join(await anna.groups.inviteCode(group));
	expect(await event('group.joinRequested')).toMatchObject({
		chat: group,
		participant: personOf(ben),
		action: 'created',
	});
});

test('the invite link is revoked, and the new one is not told', async () => {
	const code = await anna.groups.revokeInvite(group);
	const revoked = await event('group.inviteRevoked');
	expect(revoked).toMatchObject({ chat: group, from: personOf(anna) });
	expect(JSON.stringify(revoked)).not.toContain(code);
});

test('this number is removed, and added to a group that exists already', async () => {
	await anna.removeFromGroup(group, me);
	expect(await event('group.left')).toMatchObject({
		chat: group,
		from: personOf(anna),
		removed: true,
	});
	const old = await anna.createGroup('Old friends', [ben]);
	product.server.moveClock(3_600_000);
	await anna.addToGroup(old, me);
	expect(await event('group.joined')).toMatchObject({
		chat: old,
		chatName: 'Old friends',
		from: personOf(anna),
	});
	await me.groups.leave(old);
	expect(await event('group.left')).toMatchObject({ chat: old, fromMe: true, removed: false });
});
