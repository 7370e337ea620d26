/** What is known of groups: asked for once, kept right by what happens. Questions are counted. */
import { locator } from '../helpers/nodeFields';
import { Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

const MEMBERS = 500;
const PHONES = 5;

describe('a large group', () => {
	let sender: Sender;
	let anna: Phone;
	let ben: Phone;
	let crowd: Phone[];
	let group: string;

	/** Questions of the number's companion about one group, and about who has which devices. */
	const asked = (what: 'w:g2/query' | 'usync' | 'encrypt/key') =>
		sender.server.count(what, `${sender.me.number}:1`);
	const text = async (words: string) =>
		await sender.send('sendText', { chat: locator(group), text: words });
	const arrives = async (phone: Phone, words: string) =>
		await phone.waitForMessage(({ text: got }) => got === words);
	const read = async (operation: string, more = {}) =>
		(await sender.items(operation, { resource: 'group', group: locator(group), ...more })).map(
			({ json }) => json,
		);

	beforeAll(async () => {
		sender = await Sender.start();
		const { server } = sender;
		anna = await server.phone('+1 555 010 0101', { name: 'Anna' });
		ben = await server.phone('+1 555 010 0102', { name: 'Ben' });
		crowd = [];
		for (let at = 0; at < PHONES; at++) {
			crowd.push(await server.phone(`+1 555 010 01${at + 10}`));
		}
		group = await anna.createGroup('Crowd', [ben, ...crowd]);
		// Most have no phone at present, so that the test need not encrypt for all of them.
		const { accounts } = server.groups.service;
		const { roles } = server.groups.find(group)!;
		for (let at = roles.size + 1; at < MEMBERS; at++) {
			const phone = `1555020${String(at).padStart(4, '0')}`;
			const account = accounts.ensure({ phone, lid: `3000000${phone}` }, phone);
			account.devices.clear();
			roles.set(account, 'member');
		}
		// It was in it before it was linked: nobody tells the number of the group.
		server.groups.find(group)!.roles.set(server.account(sender.me.number), 'member');
	});
	afterAll(async () => {
		await sender.stop();
		expect(sender.server.failures).toEqual([]);
	});

	test('sending to it asks for its members once, not each time', async () => {
		await text('first');
		await Promise.all([ben, crowd[0]!, crowd.at(-1)!].map(async (each) => arrives(each, 'first')));
		expect(asked('w:g2/query')).toBe(1);
		for (const words of ['second', 'third', 'fourth']) await text(words);
		await arrives(crowd.at(-1)!, 'fourth');
		expect(asked('w:g2/query')).toBe(1);
	});

	test('who comes and goes, and what changes, is known without asking', async () => {
		const carla = await sender.server.phone('+1 555 010 0103', { name: 'Carla' });
		await anna.addToGroup(group, carla);
		await anna.removeFromGroup(group, crowd[0]!);
		await anna.promote(group, ben);
		await anna.groups.setSubject(group, 'Still a crowd');
		await anna.groups.setDescription(group, 'Many');
		await anna.groups.setSetting(group, 'locked');
		await anna.groups.setDisappearing(group, 86_400);
		await anna.groups.setMemberAddMode(group, 'admin_add');
		const now = await until('the last change', async () => {
			const [found] = await read('get');
			return found?.membersMayAdd === false && found.disappearsAfter === 86_400 && found;
		});
		expect(now).toMatchObject({
			name: 'Still a crowd',
			description: 'Many',
			size: MEMBERS,
			onlyAdminsEdit: true,
			membersMayAdd: false,
		});
		const admins = await read('getParticipants', { filters: { role: 'admins' } });
		expect(admins.map(({ lid }) => lid)).toEqual([anna.lid, ben.lid]);
		const people = await read('getParticipants', { returnAll: true });
		expect(people).toHaveLength(MEMBERS);
		expect(people.map(({ lid }) => lid)).toContain(carla.lid);
		expect(people.map(({ lid }) => lid)).not.toContain(crowd[0]!.lid);

		const sent = await text('to whom it concerns');
		const got = await arrives(carla, 'to whom it concerns');
		expect(got.message.extendedTextMessage?.contextInfo?.expiration).toBe(86_400);
		await arrives(ben, 'to whom it concerns');
		expect(crowd[0]!.messages.map(({ id }) => id)).not.toContain(sent.messageId);
		expect(asked('w:g2/query')).toBe(1);
	});

	test('a connection that breaks does not make it ask', async () => {
		sender.server.dropConnections(sender.me.number);
		await anna.groups.setSubject(group, 'After the break');
		await text('back again');
		await arrives(ben, 'back again');
		await until('the new name', async () => (await read('get'))[0]?.name === 'After the break');
		expect((await read('get'))[0]).toMatchObject({ size: MEMBERS });
		expect(asked('w:g2/query')).toBe(1);
	});

	test('somebody who writes and is no member as far as is known shows that too little is known', async () => {
		const dora = await sender.server.phone('+1 555 010 0104', { name: 'Dora' });
		const small = await anna.createGroup('Small', [sender.me, ben]);
		const write = async (words: string) =>
			await sender.send('sendText', { chat: locator(small), text: words });
		await write('hello');
		await arrives(ben, 'hello');
		// Nobody is told: as if a notice had been lost.
		sender.server.groups.find(small)!.roles.set(sender.server.account(dora.number), 'member');
		const before = asked('w:g2/query');
		const { id } = await dora.sendText(small, 'I am here, too');
		await sender.heard(id);
		await write('welcome');
		await arrives(dora, 'welcome');
		expect(asked('w:g2/query')).toBe(before + 1);
		const devices = { usync: asked('usync'), keys: asked('encrypt/key') };
		await write('nothing more to ask');
		await arrives(dora, 'nothing more to ask');
		expect(asked('w:g2/query')).toBe(before + 1);
		expect({ usync: asked('usync'), keys: asked('encrypt/key') }).toEqual(devices);
	});
});
