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
	const asked = (what: string) => sender.server.count(what);

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		ben = await sender.server.phone(BEN, { name: 'Ben' });
		choir = await anna.createGroup('Choir', [sender.me, ben]);
		await sender.me.saveContact(ANNA, 'Anna Alt');
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
}
