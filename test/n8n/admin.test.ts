/**
 * Every operation that administers groups, communities, channels, chats and the account, each as a node of one workflow
 * in a real n8n. What others see of each in detail is in test/suites; here it is that n8n takes the
 * nodes as they are defined and that they work together.
 */
import type { INode } from 'n8n-workflow';
import sharp from 'sharp';
import { RESOURCES } from '../../src/operations';
import { listed, locator } from '../helpers/nodeFields';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { accountSteps, type Step } from './harness/accountSteps';
import { CREDENTIAL_TYPE, linkByTest } from './harness/link';
import { N8n } from './harness/n8n';
import type { WorkflowJson } from './harness/rest';
import { story } from './harness/story';
import { node } from './harness/workflows';

const BEN = '+1 555 010 0152';
const CARLA = '+1 555 010 0153';
const ADMINISTERED = ['group', 'community', 'channel', 'label', 'call', 'account', 'session'];

let server: WhatsAppServer;
let n8n: N8n;
let anna: Phone;
let ben: Phone;
let carla: Phone;
let credentials: INode['credentials'];
let table: Step[];

const step = story('admin', () => ({ 'n8n.log': n8n.log(), 'server.log': server.dump() }));

/** A locator whose value comes from an earlier node. */
const from = (operation: string, field = 'id') =>
	locator(`={{ $('${operation}').first().json.${field} }}`);

beforeAll(async () => {
	server = await WhatsAppServer.start();
	n8n = await N8n.start({ env: server.env() });
	const own = await server.phone('+1 555 010 0150', { name: 'Olivia' });
	// Only businesses have labels.
	own.platform = 'smba';
	anna = await server.phone('+1 555 010 0151', { name: 'Anna' });
	ben = await server.phone(BEN, { name: 'Ben' });
	carla = await server.phone(CARLA, { name: 'Carla' });
	// People are added who have never written; safety has tests of its own.
	const { id, name } = await linkByTest(n8n.rest, own, { safetyProfile: 'off' });
	credentials = { [CREDENTIAL_TYPE]: { id, name } };
	table = [...(await steps()), ...(await ownSteps(own))];
}, 180_000);

afterAll(async () => {
	await n8n?.stop();
	await server?.stop();
}, 120_000);

async function steps(): Promise<Step[]> {
	const jpeg = await sharp({
		create: { width: 64, height: 48, channels: 3, background: 'teal' },
	})
		.jpeg()
		.toBuffer();
	const file = { inputType: 'url', url: `${server.mediaUrl}${server.media.publish(jpeg)}` };
	const joined = await anna.createGroup('Of Anna', [ben]);
	const link = `https://chat.whatsapp.com/${await anna.groups.inviteCode(joined)}`;
	const news = (await anna.channels.create('City News')).id;
	await anna.channels.post(news, { conversation: 'The bridge is open' });

	const group = { group: from('group.create') };
	const community = { community: from('community.create') };
	const own = { channel: from('channel.create') };
	const followed = { channel: locator(news) };
	const post = `={{ $('channel.getPosts').first().json.serverId }}`;
	return [
		['group.create', { name: 'Choir', ...listed('+1 555 010 0151', BEN) }, { size: 3, done: 2 }],
		['group.addParticipants', { ...group, ...listed(CARLA) }, { done: 1 }],
		['group.getParticipants', { ...group, returnAll: true }, { isMe: true }],
		['group.promoteParticipants', { ...group, ...listed(BEN) }, { done: 1 }],
		['group.demoteParticipants', { ...group, ...listed(BEN) }, { done: 1 }],
		['group.removeParticipants', { ...group, ...listed(CARLA) }, { done: 1 }],
		['group.updateName', { ...group, name: 'Big Choir' }, { name: 'Big Choir' }],
		['group.getCommon', { contact: locator(BEN), returnAll: true }, { name: 'Big Choir' }],
		['group.updateDescription', { ...group, description: 'We sing' }, { description: 'We sing' }],
		['group.setPicture', { ...group, ...file }, { pictureId: expect.any(String) }],
		['group.removePicture', group, { pictureId: null }],
		[
			'group.updateSettings',
			{ ...group, settings: { editInfo: 'admins' } },
			{ editInfo: 'admins' },
		],
		['group.get', group, { name: 'Big Choir', onlyAdminsEdit: true, role: 'superadmin' }],
		['group.getMany', { returnAll: true }, { name: 'Big Choir' }],
		['group.getInviteLink', group, { link: expect.stringContaining('chat.whatsapp.com') }],
		['group.revokeInviteLink', group, { code: expect.any(String) }],
		['group.getByInviteLink', { link }, { id: joined, name: 'Of Anna' }],
		['group.join', { by: 'link', link }, { group: joined, status: 'joined' }],
		['group.setMemberTag', { group: locator(joined), tag: 'Conductor' }, { tag: 'Conductor' }],
		['group.sendInvite', { ...group, to: locator(CARLA) }, { status: 'accepted' }],
		['group.getJoinRequests', group],
		['group.approveJoinRequests', { ...group, all: true }, { done: 0 }],
		['group.rejectJoinRequests', { ...group, all: true }, { done: 0 }],
		['community.create', { name: 'Village', general: true }, { kind: 'community' }],
		['community.createGroup', { ...community, name: 'Football', ...listed(BEN) }, { done: 1 }],
		['community.linkGroup', { ...community, ...group }, { linked: true }],
		['community.getGroups', community, { name: expect.any(String) }],
		['community.getAnnouncementGroup', community, { isAnnouncementGroup: true }],
		['community.getParticipants', { ...community, returnAll: true }, { id: expect.any(String) }],
		['community.getMany', { returnAll: true }, { name: 'Village' }],
		['community.unlinkGroup', { ...community, ...group }, { linked: false }],
		['community.removeParticipants', { ...community, ...listed(BEN) }, { done: 1 }],
		['community.leave', community, { left: true }],
		['group.leave', { group: locator(joined) }, { left: true }],
		['group.deleteForMe', { group: locator(joined) }, { deletedForMe: true }],
		['channel.create', { name: 'My News' }, { role: 'owner' }],
		['channel.update', { ...own, updateFields: { name: 'Our News' } }, { name: 'Our News' }],
		['channel.setPicture', { ...own, ...file }, { picture: expect.any(String) }],
		['channel.removePicture', own, { picture: null }],
		['channel.postText', { ...own, text: 'Hello' }, { status: 'accepted' }],
		['channel.postMedia', { ...own, ...file, kind: 'visual' }, { status: 'accepted' }],
		['channel.follow', followed, { following: true }],
		['channel.mute', followed, { muted: true }],
		['channel.unmute', followed, { muted: false }],
		['channel.get', followed, { name: 'City News', role: 'subscriber' }],
		['channel.getMany', { returnAll: true }, { id: expect.any(String) }],
		['channel.getPosts', { ...followed, returnAll: true }, { text: 'The bridge is open' }],
		['channel.react', { ...followed, post, emoji: '👍' }, { emoji: '👍' }],
		['channel.removeReaction', { ...followed, post }, { emoji: null }],
		['channel.unfollow', followed, { following: false }],
		['channel.delete', own, { deleted: true }],
	];
}

/** What is about the account itself; the last of it logs the number out. */
async function ownSteps(own: Phone): Promise<Step[]> {
	const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
		.jpeg()
		.toBuffer();
	const { id } = await anna.sendText(own, 'hello');
	return accountSteps({
		own: `+${own.number}`,
		person: `+${anna.number}`,
		messageId: id,
		callId: anna.presence.call(own.lid),
		file: { inputType: 'url', url: `${server.mediaUrl}${server.media.publish(jpeg)}` },
	});
}

function workflow(): WorkflowJson {
	const nodes: INode[] = [node('Start', 'n8n-nodes-base.manualTrigger')];
	const connections: WorkflowJson['connections'] = {};
	for (const [name, fields] of table) {
		const [resource, operation] = name.split('.');
		connections[nodes.at(-1)!.name] = { main: [[{ node: name, type: 'main', index: 0 }]] };
		nodes.push({
			...node(name, 'whatsAppLinked', { resource, operation, ...fields } as never),
			credentials,
			executeOnce: true,
			alwaysOutputData: true,
		});
	}
	return { name: 'Administering', nodes, connections };
}

step('a workflow with one node of each operation runs to its end', async () => {
	const { id } = await n8n.rest.createWorkflow(workflow());
	const { status, data } = await n8n.rest.runToEnd(id, 'Start');
	const { runData } = data.resultData;
	const said = (name: string) => runData[name]?.[0]?.data?.main?.[0]?.[0]?.json;
	const failed = table.find(([name]) => runData[name]?.[0]?.error);
	expect([failed?.[0], failed && runData[failed[0]]?.[0]?.error?.message]).toEqual([
		undefined,
		undefined,
	]);
	expect(status).toBe('success');
	for (const [name, , expected] of table) {
		if (expected) expect({ [name]: said(name) }).toMatchObject({ [name]: expected });
	}
	const choir = String(said('group.create')?.id);
	expect(await anna.groups.info(choir)).toMatchObject({
		subject: 'Big Choir',
		description: 'We sing',
		members: [{}, { jid: anna.lid }, { jid: ben.lid }],
	});
	await carla.waitForMessage(({ message }) => message.extendedTextMessage?.title === 'Big Choir');
	expect(server.failures).toEqual([]);
	expect(server.unknownQueries).toEqual([]);
});

step('none was left out', async () => {
	const tried = table.map(([name]) => name);
	const all = RESOURCES.filter(({ value }) => ADMINISTERED.includes(value)).flatMap(
		({ operations }) => operations.map((each) => `${each.resource}.${each.operation}`),
	);
	// Those that read chats are in another test.
	const here = tried.filter((name) => !name.startsWith('chat.'));
	expect([...here].sort()).toEqual([...all].sort());
});
