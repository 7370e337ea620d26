/** Reading groups: what the node says about what the stand-in knows. */
import type { IDataObject } from 'n8n-workflow';
import { chat, type Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

export function readGroupsSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;
	let ben: Phone;
	let choir: string;
	const ANNA = '+1 555 010 0101';
	const BEN = '+1 555 010 0102';

	const read = async (operation: string, parameters: IDataObject = {}) =>
		(await sender.items(operation, { resource: 'group', ...parameters })).map(({ json }) => json);
	const one = async (operation: string, parameters: IDataObject) =>
		(await read(operation, parameters))[0]!;
	const refused = async (operation: string, parameters: IDataObject) =>
		await sender.refusal(operation, { resource: 'group', ...parameters });
	const asked = (what: string) => sender.server.count(what);

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		ben = await sender.server.phone(BEN, { name: 'Ben' });
		choir = await anna.createGroup('Choir', [sender.me, ben]);
		await sender.me.saveContact(ANNA, 'Anna Alt');
		// The notice of its creation says how it was then.
		await until('the number to hear of the group', async () => {
			const filters = { search: 'Choir' };
			return (await sender.items('getMany', { resource: 'chat', filters })).length > 0;
		});
	});
	afterAll(async () => await sender.stop());

	test('Get says name, description, size, settings and the own role', async () => {
		const group = sender.server.groups.find(choir)!;
		group.description = {
			id: 'D1',
			text: 'We meet on Mondays',
			by: sender.server.account(ANNA),
			at: group.created,
		};
		group.announcement = true;
		const found = await one('get', { group: chat(choir), options: { refresh: true } });
		expect(found).toEqual({
			id: choir,
			name: 'Choir',
			description: 'We meet on Mondays',
			kind: 'group',
			size: 3,
			created: new Date(group.created * 1_000).toISOString(),
			role: 'member',
			isAdmin: false,
			onlyAdminsWrite: true,
			onlyAdminsEdit: false,
			membersMayAdd: true,
			joinNeedsApproval: false,
			disappearsAfter: 0,
			community: null,
		});
		const whole = await until('the saved name', async () => {
			const now = await one('get', { group: chat(choir), simplify: false });
			return (now.createdBy as IDataObject).name === 'Anna Alt' && now;
		});
		expect(whole).toMatchObject({
			createdBy: { phone: '+15550100101' },
			descriptionChangedBy: { phone: '+15550100101' },
			addressing: 'lid',
			participants: [
				{ phone: '+15550100101', role: 'superadmin', isMe: false },
				{ phone: '+15550100100', role: 'member', isMe: true },
				{ phone: '+15550100102', role: 'member', isMe: false },
			],
		});
	});

	test('a group is asked for once, and what changes is known all the same', async () => {
		await one('get', { group: chat(choir) });
		const before = asked('w:g2/query');
		await one('get', { group: chat(choir) });
		await read('getParticipants', { group: chat(choir) });
		expect(asked('w:g2/query')).toBe(before);
		await anna.promote(choir, sender.me);
		await until('the promotion', async () => (await one('get', { group: chat(choir) })).isAdmin);
		await anna.demote(choir, sender.me);
		await until('the demotion', async () => !(await one('get', { group: chat(choir) })).isAdmin);
		expect(asked('w:g2/query')).toBe(before);
		await one('get', { group: chat(choir), options: { refresh: true } });
		expect(asked('w:g2/query')).toBe(before + 1);
	});

	test('Get takes the id without @g.us and an invite link, and says why it cannot answer', async () => {
		const [number] = choir.split('@');
		expect(await one('get', { group: chat(number!) })).toMatchObject({ id: choir });
		const { inviteCode } = sender.server.groups.find(choir)!;
		const link = `https://chat.whatsapp.com/${inviteCode}`;
		expect(await one('get', { group: chat(link) })).toMatchObject({ id: choir });
		const foreign = await anna.createGroup('Without us', [ben]);
		for (const operation of ['get', 'getParticipants']) {
			expect(await refused(operation, { group: chat(foreign) })).toMatchObject({
				code: 'not-member',
			});
			expect(await refused(operation, { group: chat('120363400000000000@g.us') })).toMatchObject({
				code: 'not-found',
			});
			expect(await refused(operation, { group: chat(ANNA) })).toMatchObject({
				code: 'bad-recipient',
			});
			const gone = 'https://chat.whatsapp.com/AAAAAAAAAAAAAAAAAAAAAA';
			expect(await refused(operation, { group: chat(gone) })).toMatchObject({
				code: 'link-invalid',
			});
		}
	});

	test('Get Participants names people, numbers where they are told, and roles', async () => {
		const secretive = await sender.server.phone('+1 555 010 0104', { name: 'Carla' });
		sender.server.hideNumber('+1 555 010 0104');
		const group = await anna.createGroup('Chess', [sender.me, ben, secretive]);
		await anna.promote(group, ben);
		const admins = { group: chat(group), filters: { role: 'admins' } };
		await until('the promotion', async () => (await read('getParticipants', admins)).length === 2);
		const all = await read('getParticipants', { group: chat(group), returnAll: true });
		expect(all).toHaveLength(4);
		const by = (lid: string) => all.find((each) => each.lid === lid);
		expect(by(anna.lid)).toMatchObject({
			phone: '+15550100101',
			name: 'Anna Alt',
			role: 'superadmin',
			isAdmin: true,
			isMe: false,
		});
		expect(by(sender.me.lid)).toMatchObject({ role: 'member', isAdmin: false, isMe: true });
		expect(by(secretive.lid)).toMatchObject({ phone: null, role: 'member' });
		// The notice of its creation may come later than the answer that was newer.
		await until('both admins', async () => {
			const lids = (await read('getParticipants', admins)).map(({ lid }) => lid);
			return lids.length === 2 && lids.includes(anna.lid) && lids.includes(ben.lid);
		});
		const members = { group: chat(group), filters: { role: 'members' }, limit: 1 };
		expect(await read('getParticipants', members)).toHaveLength(1);
	});

	test('Get Common Groups finds a person by number and by LID', async () => {
		const duo = await anna.createGroup('Duo', [sender.me]);
		const namesFor = async (who: string) =>
			(await read('getCommon', { contact: chat(who), returnAll: true })).map(({ name }) => name);
		// What came in a moment ago is there, too.
		await until('the new group', async () => (await namesFor(ANNA)).includes('Duo'));
		expect(await namesFor(anna.lid)).toEqual(await namesFor(ANNA));
		const withBen = await read('getCommon', { contact: chat(BEN), returnAll: true });
		expect(withBen.map(({ name }) => name).sort()).toEqual(['Chess', 'Choir']);
		expect(withBen.find(({ name }) => name === 'Chess')).toMatchObject({ contactRole: 'admin' });
		expect(withBen.map(({ id }) => id)).not.toContain(duo);
		expect(await refused('getCommon', { contact: chat(choir) })).toMatchObject({
			code: 'bad-recipient',
		});
	});

	describe('Get Many', () => {
		test('asks once for all groups, and follows those that are joined and left', async () => {
			await read('getMany', { options: { refresh: true } });
			const before = asked('w:g2/participating');
			const names = async () =>
				(await read('getMany', { returnAll: true })).map(({ name }) => name as string).sort();
			expect(await names()).toEqual(['Chess', 'Choir', 'Duo']);
			const fresh = await anna.createGroup('Fresh', [sender.me]);
			await until('the new group', async () => (await names()).includes('Fresh'));
			await anna.removeFromGroup(fresh, sender.me);
			await until('it to be left', async () => !(await names()).includes('Fresh'));
			expect(asked('w:g2/participating')).toBe(before);
			expect(await refused('get', { group: chat(fresh) })).toMatchObject({ code: 'not-member' });
		});

		test('filters by name, kind and role, those with recent messages first', async () => {
			// WhatsApp counts seconds; the notices about the other groups are of this one.
			sender.server.moveClock(2_000);
			const heard = await anna.sendText(choir, 'la la la');
			await sender.heard(heard.id);
			const filtered = async (filters: IDataObject) =>
				(await read('getMany', { returnAll: true, filters })).map(({ name }) => name);
			await until('the message to count', async () => (await filtered({}))[0] === 'Choir');
			expect(await filtered({ search: 'CHO' })).toEqual(['Choir']);
			expect(await filtered({ search: 'mondays' })).toEqual(['Choir']);
			expect(await filtered({ search: '%' })).toEqual([]);
			expect(await filtered({ adminOnly: true })).toEqual([]);
			expect(await filtered({ kind: 'community' })).toEqual([]);
			await anna.promote(choir, sender.me);
			await until('the promotion', async () => (await filtered({ adminOnly: true })).length > 0);
			expect(await filtered({ adminOnly: true })).toEqual(['Choir']);
			for (const limit of [0, -1, 'many']) {
				expect(await refused('getMany', { limit })).toMatchObject({ code: 'bad-parameter' });
			}
		});

		test('600 groups come in one query, whole or a page of the list in the editor', async () => {
			const { groups } = sender.server;
			const owner = sender.server.account(ANNA);
			for (let index = 0; index < 600; index++) {
				const group = groups.add(owner, `Group ${String(index).padStart(3, '0')}`);
				group.roles.set(sender.server.account('+1 555 010 0100'), 'member');
			}
			const before = asked('w:g2');
			const all = await read('getMany', { returnAll: true, options: { refresh: true } });
			expect(all).toHaveLength(603);
			expect(new Set(all.map(({ id }) => id)).size).toBe(603);
			expect(await read('getMany', { limit: 500 })).toHaveLength(500);
			const node = {
				id: 'node-1',
				name: 'WhatsApp',
				type: 'n8n-nodes-whatsapp-linked.whatsAppLinked',
				typeVersion: 1,
				position: [0, 0] as [number, number],
				parameters: {},
				credentials: { whatsAppLinkedApi: { id: 'number', name: 'Number' } },
			};
			const first = await sender.engine.listSearch(node, 'searchGroups', 'group 5');
			expect(first.results).toHaveLength(50);
			expect(first.results[0]).toMatchObject({ name: 'Group 500' });
			const { paginationToken } = first;
			const second = await sender.engine.listSearch(
				node,
				'searchGroups',
				'group 5',
				paginationToken as string,
			);
			expect(second.results[0]).toMatchObject({ name: 'Group 550' });
			expect(asked('w:g2')).toBe(before + 1);
		});

		test('says when WhatsApp was asked too often', async () => {
			sender.server.failQueries('w:g2/participating', 429);
			expect(await refused('getMany', { options: { refresh: true } })).toMatchObject({
				code: 'rate-limited',
			});
		});
	});
}
