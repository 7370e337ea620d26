/** Reading in a real n8n: one node of each operation about contacts, groups and files. */
import { randomBytes } from 'node:crypto';
import type { IDataObject, INode } from 'n8n-workflow';
import { jpeg } from '../helpers/mediaFiles';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { linkByTest, type LinkedCredential } from './harness/link';
import { N8n } from './harness/n8n';
import type { Execution } from './harness/rest';
import { story } from './harness/story';
import { node, withCredential } from './harness/workflows';

const OWN = '+1 555 010 0120';
const ANNA = '+1 555 010 0121';
const BEN = '+1 555 010 0122';

let server: WhatsAppServer;
let n8n: N8n;
let own: Phone;
let anna: Phone;
let choir: string;
let credential: LinkedCredential;

const step = story('reading', () => ({ 'n8n.log': n8n.log(), 'server.log': server.dump() }));

const locator = (value: string) => ({ __rl: true, mode: 'id', value });

/** Nodes one after another, each run once whatever comes in. */
async function create(first: INode, ...others: INode[]): Promise<string> {
	const nodes = [first, ...others.map((each) => ({ ...each, executeOnce: true }))];
	const connections = Object.fromEntries(
		nodes.slice(0, -1).map(({ name }, index) => {
			const next = { node: nodes[index + 1]!.name, type: 'main' as const, index: 0 };
			return [name, { main: [[next]] }];
		}),
	);
	const workflow = { name: first.name, nodes, connections };
	return (await n8n.rest.createWorkflow(withCredential(workflow, credential))).id;
}

/** A node of ours, named after what it does. */
const does = (resource: string, operation: string, parameters: IDataObject = {}): INode => ({
	...node(`${resource}.${operation}`, 'whatsAppLinked', {
		resource,
		operation,
		...parameters,
	} as never),
	// The next node is of interest even where there is nothing to find.
	alwaysOutputData: true,
});

const outputOf = ({ data }: Execution, name: string) =>
	data.resultData.runData[name]?.[0]?.data?.main?.[0] ?? [];

beforeAll(async () => {
	server = await WhatsAppServer.start();
	n8n = await N8n.start({ env: server.env() });
	own = await server.phone(OWN, { name: 'Olivia' });
	anna = await server.phone(ANNA, { name: 'Anna' });
	const ben = await server.phone(BEN, { name: 'Ben' });
	credential = await linkByTest(n8n.rest, own);
	choir = await anna.createGroup('Choir', [own, ben]);
	await anna.profile.setPicture(await jpeg(64, 64));
	await anna.profile.setAbout('At the lake');
	server.setBusinessProfile(BEN, {
		description: 'Bread since 1905',
		address: '1 Main Street',
		email: 'bread@example.com',
		website: 'https://example.com',
		category: 'Bakery',
	});
}, 180_000);

afterAll(async () => {
	await n8n?.stop();
	await server?.stop();
}, 120_000);

step('Download Media takes the file of what started the workflow', async () => {
	const workflow = await create(
		node('Trigger', 'whatsAppLinkedTrigger'),
		does('message', 'downloadMedia'),
	);
	await n8n.rest.activate(workflow);
	const file = randomBytes(100_000);
	const sent = await anna.sendMedia(own, 'document', file, { fileName: 'report.pdf' });
	const [ended] = await n8n.rest.waitForExecutions(workflow, 1);
	const [item] = outputOf(await n8n.rest.execution(ended!.id), 'message.downloadMedia');
	expect(item?.json).toMatchObject({ messageId: sent.id, fileName: 'report.pdf', size: 100_000 });
	expect(item?.binary?.data).toMatchObject({ fileName: 'report.pdf', bytes: 100_000 });
	await n8n.rest.deactivate(workflow);
});

step('every operation about contacts and groups', async () => {
	const contact = locator(ANNA);
	const chain = [
		does('contact', 'checkNumbers', { numbers: `${ANNA}, +1 555 010 0199` }),
		does('contact', 'getIds', { contacts: ANNA }),
		does('contact', 'save', { contact, name: 'Anna Smith' }),
		does('contact', 'get', { contact }),
		does('contact', 'getMany', { filters: { saved: true } }),
		does('contact', 'remove', { contact }),
		does('contact', 'getProfilePicture', { chat: contact }),
		does('contact', 'getAbout', { contact }),
		does('contact', 'getBusinessProfile', { contact: locator(BEN) }),
		does('contact', 'block', { contact }),
		does('contact', 'getBlocked'),
		does('contact', 'unblock', { contact }),
		does('group', 'getMany'),
		does('group', 'get', { group: locator(choir) }),
		does('group', 'getParticipants', { group: locator(choir) }),
		does('group', 'getCommon', { contact }),
	];
	const workflow = await create(node('Start', 'n8n-nodes-base.manualTrigger'), ...chain);
	const execution = await n8n.rest.waitForEnd(await n8n.rest.run(workflow, 'Start'));
	expect(execution.data.resultData.error).toBeUndefined();
	const items = (name: string) => outputOf(execution, name);
	const shown = Object.fromEntries(
		chain.map(({ name }) => [name, items(name).map(({ json }) => json)]),
	);
	const who = { lid: anna.lid, phone: '+15550100121' };
	expect(shown).toMatchObject({
		'contact.checkNumbers': [{ onWhatsApp: true, ...who }, { onWhatsApp: false }],
		'contact.getIds': [who],
		'contact.save': [{ ...who, name: 'Anna Smith', isContact: true }],
		'contact.get': [{ ...who, name: 'Anna Smith', isContact: true }],
		'contact.getMany': [{ ...who, name: 'Anna Smith' }],
		'contact.remove': [{ ...who, isContact: false }],
		'contact.getProfilePicture': [{ hasPicture: true }],
		'contact.getAbout': [{ about: 'At the lake' }],
		'contact.getBusinessProfile': [{ isBusiness: true, category: 'Bakery' }],
		'contact.block': [{ blocked: true }],
		'contact.getBlocked': [who],
		'contact.unblock': [{ blocked: false }],
		'group.getMany': [{ id: choir, name: 'Choir', size: 3 }],
		'group.get': [{ id: choir, role: 'member' }],
		'group.getCommon': [{ id: choir, contactRole: 'superadmin' }],
	});
	expect(shown['group.getParticipants']).toHaveLength(3);
	expect(items('contact.getProfilePicture')[0]?.binary?.data).toMatchObject({
		mimeType: 'image/jpeg',
	});
	expect(await own.profile.blocked()).toEqual([]);
});
