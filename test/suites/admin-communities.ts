/** Communities: what the node says, and what the phones of members see. */
import type { IDataObject } from 'n8n-workflow';
import { listed, locator } from '../helpers/nodeFields';
import type { Sender } from '../helpers/sender';
import type { Phone } from '../whatsapp';
import { child } from '../whatsapp/phone/nodes';

const ANNA = '+1 555 010 0101';
const BEN = '+1 555 010 0102';

export function adminCommunitiesSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;
	let ben: Phone;
	let village: string;

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		ben = await sender.server.phone(BEN, { name: 'Ben' });
	});
	afterAll(async () => {
		await sender.stop();
		expect(sender.server.failures).toEqual([]);
		expect(sender.server.unknownQueries).toEqual([]);
	});

	const many = async (operation: string, parameters: IDataObject, resource = 'community') =>
		(await sender.items(operation, { resource, ...parameters })).map(({ json }) => json);
	const run = async (operation: string, parameters: IDataObject, resource?: string) =>
		(await many(operation, parameters, resource))[0]!;
	const refused = async (operation: string, parameters: IDataObject) =>
		(await sender.refusal(operation, { resource: 'community', ...parameters })).code;
	const names = (groups: IDataObject[]) => groups.map(({ name }) => name).sort();

	test('a community is made with its announcement group and a general chat', async () => {
		const made = await run('create', { name: 'Village', description: 'All of us' });
		village = String(made.id);
		expect(made).toMatchObject({
			name: 'Village',
			description: 'All of us',
			kind: 'community',
			role: 'superadmin',
			announcementGroup: expect.stringMatching(/@g\.us$/),
		});
		const groups = await many('getGroups', { community: locator(village) });
		expect(names(groups)).toEqual(['General', 'Village']);
		const announcements = await run('getAnnouncementGroup', { community: locator(village) });
		expect(announcements).toMatchObject({
			id: made.announcementGroup,
			isAnnouncementGroup: true,
			isMember: true,
		});
		const bare = await run('create', { name: 'Bare', general: false });
		expect(await many('getGroups', { community: locator(String(bare.id)) })).toHaveLength(1);
	});

	test('a group is made in it, another is linked and unlinked; members see both', async () => {
		const field = { community: locator(village) };
		const football = await run('createGroup', { ...field, name: 'Football', ...listed(BEN) });
		expect(football).toMatchObject({ community: village, done: 1, failed: 0 });
		const seen = await ben.groups.info(String(football.id));
		expect(child(seen.node, 'linked_parent')?.attrs.jid).toBe(village);

		const choir = String((await run('create', { name: 'Choir', ...listed(ANNA) }, 'group')).id);
		const link = { ...field, group: locator(choir) };
		expect(await run('linkGroup', link)).toEqual({
			community: village,
			group: choir,
			linked: true,
		});
		const linked = await anna.groups.info(choir);
		expect(child(linked.node, 'linked_parent')?.attrs.jid).toBe(village);
		expect(await run('get', { group: locator(choir) }, 'group')).toMatchObject({
			community: village,
		});
		expect(await refused('linkGroup', link)).toBe('not-allowed');
		expect(names(await many('getGroups', field))).toEqual([
			'Choir',
			'Football',
			'General',
			'Village',
		]);
		const people = await many('getParticipants', field);
		expect(people.map(({ lid }) => lid)).toEqual(
			expect.arrayContaining([sender.me.lid, anna.lid, ben.lid]),
		);

		await run('unlinkGroup', link);
		expect(child((await anna.groups.info(choir)).node, 'linked_parent')).toBeUndefined();
		expect(await run('get', { group: locator(choir) }, 'group')).toMatchObject({ community: null });
		expect(await refused('unlinkGroup', link)).toBe('not-found');
	});

	test('an announcement reaches the members', async () => {
		const { id } = await run('getAnnouncementGroup', { community: locator(village) });
		await run('addParticipants', { group: locator(String(id)), ...listed(ANNA) }, 'group');
		const sent = await sender.send('sendText', { chat: locator(String(id)), text: 'To all' });
		expect((await anna.waitForMessage(({ id }) => id === sent.messageId)).chat).toBe(id);
	});

	test('Get Many lists communities with their groups, and they are picked from a list', async () => {
		const found = await many('getMany', { returnAll: true });
		expect(names(found)).toEqual(['Bare', 'Village']);
		expect(found.find(({ name }) => name === 'Village')).toMatchObject({
			id: village,
			groups: expect.arrayContaining([expect.stringMatching(/@g\.us$/)]),
		});
		const shown = await sender.list('searchCommunities', 'vill');
		expect(shown.results).toEqual([{ name: 'Village', value: village }]);
	});

	test('people are removed from all its groups, and leaving leaves them all', async () => {
		const field = { community: locator(village) };
		const groups = await many('getGroups', field);
		const football = String(groups.find(({ name }) => name === 'Football')!.id);
		const removed = await run('removeParticipants', { ...field, ...listed(BEN) });
		expect(removed).toMatchObject({ done: 1, participants: [{ lid: ben.lid, status: 'removed' }] });
		await expect(ben.groups.info(football)).rejects.toThrow('403');

		expect(await run('leave', field)).toEqual({ community: village, left: true });
		expect(await refused('leave', field)).toBe('not-member');
		expect(await refused('getGroups', field)).toBe('not-member');
		expect(names(await many('getMany', {}))).toEqual(['Bare']);
	});

	test('a group that is no community, and one of others, are refused', async () => {
		const group = await anna.createGroup('Of Anna', [sender.me]);
		const own = String((await run('create', { name: 'Own' }, 'group')).id);
		const field = { community: locator(group), group: locator(own) };
		expect(await refused('linkGroup', field)).toBe('not-admin');
		expect(await refused('linkGroup', { community: locator(own), group: locator(own) })).toBe(
			'bad-recipient',
		);
	});
}
