/** Reading and changing contacts: what the node says, and what the server and the phones see. */
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, IDataObject } from 'n8n-workflow';
import sharp from 'sharp';
import { jpeg } from '../helpers/mediaFiles';
import { chat, type Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

export function readContactsSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;
	let ben: Phone;
	const ANNA = '+1 555 010 0101';
	const BEN = '+1 555 010 0102';
	const NOBODY = '+1 555 010 0199';

	const items = async (operation: string, parameters: IDataObject = {}) =>
		await sender.items(operation, { resource: 'contact', ...parameters });
	const read = async (operation: string, parameters: IDataObject = {}) =>
		(await items(operation, parameters)).map(({ json }) => json);
	const one = async (operation: string, who: string, more: IDataObject = {}) =>
		(await read(operation, { contact: chat(who), ...more }))[0]!;
	const refused = async (operation: string, parameters: IDataObject) =>
		await sender.refusal(operation, { resource: 'contact', ...parameters });
	const questions = () => sender.server.count('usync');

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		ben = await sender.server.phone(BEN, { name: 'Ben' });
	});
	afterAll(async () => await sender.stop());

	describe('Check Numbers', () => {
		test('tells for each number whether it is on WhatsApp, and who', async () => {
			const numbers = `${ANNA}, ${NOBODY}\n12345, call me`;
			const before = questions();
			const found = await read('checkNumbers', { numbers });
			expect(found).toMatchObject([
				{ input: ANNA, onWhatsApp: true, id: anna.lid, lid: anna.lid, phone: '+15550100101' },
				{ input: NOBODY, onWhatsApp: false, id: null, phone: '+15550100199', problem: null },
				{ input: '12345', onWhatsApp: false, id: null, problem: expect.any(String) },
				{ input: 'call me', onWhatsApp: false, problem: expect.any(String) },
			]);
			expect(questions()).toBe(before + 1);
		});

		test('asks once, about all that are not known yet in one query, and anew when told to', async () => {
			await read('checkNumbers', { numbers: ANNA });
			const before = questions();
			await read('checkNumbers', { numbers: [ANNA, NOBODY] as never });
			expect(questions()).toBe(before);
			const many = Array.from({ length: 90 }, (_, index) => `+1 555 011 ${1000 + index}`);
			const found = await read('checkNumbers', { numbers: [...many, BEN, ANNA] as never });
			expect(found.map(({ onWhatsApp }) => onWhatsApp)).toEqual([
				...many.map(() => false),
				true,
				true,
			]);
			expect(questions()).toBe(before + 1);
			await read('checkNumbers', { numbers: ANNA, options: { anew: true } });
			expect(questions()).toBe(before + 2);
			// Writing to somebody who was checked asks nothing either but for the devices.
			await sender.send('sendText', { resource: 'message', chat: chat(BEN), text: 'hello' });
			expect(sender.server.count('usync')).toBeLessThanOrEqual(before + 3);
		});

		test('knows a number that WhatsApp writes otherwise', async () => {
			sender.server.spellNumber(ANNA, '+1 555 010 0171');
			sender.server.spellNumber(BEN, '+1 555 010 0172');
			const found = await read('checkNumbers', { numbers: '+15550100172, +15550100171' });
			expect(found).toMatchObject([
				{ input: '+15550100172', onWhatsApp: true, phone: '+15550100102', lid: ben.lid },
				{ input: '+15550100171', onWhatsApp: true, phone: '+15550100101', lid: anna.lid },
			]);
		});

		test('says when WhatsApp was asked too often, and when there is nothing to check', async () => {
			sender.server.failQueries('usync', 429);
			const parameters = { numbers: '+1 555 010 0188' };
			expect(await refused('checkNumbers', parameters)).toMatchObject({ code: 'rate-limited' });
			expect(await read('checkNumbers', parameters)).toMatchObject([{ onWhatsApp: false }]);
			expect(await refused('checkNumbers', { numbers: ' , ' })).toMatchObject({
				code: 'bad-parameter',
			});
		});
	});

	test('Get LID or Phone knows both ways, and never takes a LID for a number', async () => {
		expect(await read('getIds', { contacts: `${ANNA}, ${ben.lid}` })).toMatchObject([
			{ input: ANNA, lid: anna.lid, phone: '+15550100101' },
			{ input: ben.lid, lid: ben.lid, phone: '+15550100102' },
		]);
		const strange = '299999999999999@lid';
		expect(await read('getIds', { contacts: strange })).toEqual([
			{ input: strange, id: strange, lid: strange, phone: null, name: null, username: null },
		]);
		expect(await refused('getIds', { contacts: '120363000000000001@g.us' })).toMatchObject({
			code: 'bad-recipient',
		});
		expect(await refused('getIds', { contacts: NOBODY })).toMatchObject({
			code: 'not-on-whatsapp',
		});
	});

	test('Save, Rename and Remove change the address book of the phone', async () => {
		const entry = () =>
			sender.me.appState.changes
				.filter(({ index }) => index[0] === 'contact' && index[1] === '15550100101@s.whatsapp.net')
				.at(-1);
		const saved = await one('save', ANNA, { name: 'Anna Smith' });
		expect(saved).toMatchObject({ name: 'Anna Smith', isContact: true, nameBefore: null });
		const first = await until('the phone to have it', entry);
		expect(first.value?.contactAction).toMatchObject({
			fullName: 'Anna Smith',
			firstName: 'Anna',
			lidJid: anna.lid,
			saveOnPrimaryAddressbook: true,
		});
		expect(await one('get', ANNA)).toMatchObject({ name: 'Anna Smith', isContact: true });
		expect(await read('getMany', { filters: { saved: true } })).toMatchObject([
			{ name: 'Anna Smith', phone: '+15550100101', lid: anna.lid, isContact: true },
		]);

		const options = { firstName: 'Annie', onPhone: false };
		const renamed = await one('save', anna.lid, { name: 'Anna Jones', options });
		expect(renamed).toMatchObject({ name: 'Anna Jones', nameBefore: 'Anna Smith' });
		const second = await until('the new name', () => entry() !== first && entry());
		expect(second.value?.contactAction).toMatchObject({
			fullName: 'Anna Jones',
			firstName: 'Annie',
			saveOnPrimaryAddressbook: false,
		});

		expect(await one('remove', ANNA)).toMatchObject({ isContact: false, lid: anna.lid });
		await until('it to be gone', () => entry() !== second);
		expect(await read('getMany', { filters: { saved: true } })).toEqual([]);
		expect(await one('get', ANNA)).toMatchObject({ isContact: false });
		expect(await refused('save', { contact: chat(ANNA), name: '  ' })).toMatchObject({
			code: 'bad-parameter',
		});
	});

	test('Get Many finds people by name and number, and by whether they are saved', async () => {
		await sender.me.saveContact(BEN, 'Ben Nevis');
		const message = await anna.sendText(sender.me, 'hi');
		await sender.heard(message.id);
		const saved = await until('the contact', async () => {
			const found = await read('getMany', { filters: { saved: true } });
			return found.length > 0 && found;
		});
		expect(saved).toMatchObject([{ name: 'Ben Nevis', phone: '+15550100102', lid: ben.lid }]);
		const all = await read('getMany', { returnAll: true });
		expect(all[0]).toMatchObject({ name: 'Ben Nevis' });
		expect(all).toContainEqual(expect.objectContaining({ name: 'Anna', isContact: false }));
		const search = async (text: string) =>
			(await read('getMany', { filters: { search: text }, simplify: false })).map(
				({ name }) => name,
			);
		expect(await search('nevis')).toEqual(['Ben Nevis']);
		expect(await search('0100102')).toEqual(['Ben Nevis']);
		expect(await search('*"%')).toEqual([]);
		expect(await read('getMany', { limit: 1 })).toHaveLength(1);
		for (const limit of [0, -1, 1.5]) {
			expect(await refused('getMany', { limit })).toMatchObject({ code: 'bad-parameter' });
		}
	});

	test('the list of a Contact field has people only', async () => {
		const node = {
			id: 'node-1',
			name: 'WhatsApp',
			type: 'n8n-nodes-whatsapp-linked.whatsAppLinked',
			typeVersion: 1,
			position: [0, 0] as [number, number],
			parameters: {},
			credentials: { whatsAppLinkedApi: { id: 'number', name: 'Number' } },
		};
		const { results } = await sender.engine.listSearch(node, 'searchPeople', 'ben');
		expect(results).toEqual([{ name: 'Ben Nevis (+15550100102)', value: ben.lid }]);
	});

	describe('Get Profile Picture', () => {
		test('in both sizes, of people and of groups', async () => {
			const picture = await jpeg(96, 96);
			await anna.profile.setPicture(picture);
			for (const size of ['image', 'preview']) {
				const [item] = await items('getProfilePicture', { chat: chat(ANNA), size });
				expect(item?.json).toMatchObject({ chat: anna.lid, hasPicture: true, hidden: false });
				const binary = item?.binary?.data as IBinaryData;
				expect(binary).toMatchObject({ mimeType: 'image/jpeg' });
				expect(binary.fileName).toMatch(/^picture-\d+\.jpg$/);
				const file = await Container.get(BinaryDataService).getAsBuffer(binary);
				expect((await sharp(file).metadata()).format).toBe('jpeg');
			}
			const group = await anna.createGroup('Choir', [sender.me]);
			await anna.profile.setPicture(picture, group);
			const [item] = await items('getProfilePicture', {
				chat: chat(group),
				binaryPropertyName: 'picture',
			});
			const binary = item?.binary?.picture as IBinaryData;
			expect(await Container.get(BinaryDataService).getAsBuffer(binary)).toEqual(picture);
			const [address] = await items('getProfilePicture', {
				chat: chat(group),
				options: { download: false },
			});
			expect(address?.json.url).toMatch(/^https:/);
			expect(address?.binary).toBeUndefined();
		});

		test('that is not there or not for this number is no error', async () => {
			expect(await read('getProfilePicture', { chat: chat(BEN) })).toMatchObject([
				{ hasPicture: false, hidden: false, url: null },
			]);
			await ben.profile.setPicture(await jpeg(64, 64));
			await ben.profile.setPrivacy('profile', 'none');
			expect(await read('getProfilePicture', { chat: chat(BEN) })).toMatchObject([
				{ hasPicture: null, hidden: true, url: null },
			]);
			expect(await refused('getProfilePicture', { chat: chat('nonsense') })).toMatchObject({
				code: 'bad-recipient',
			});
		});
	});

	test('Get About gives the text, and null where there is none for this number', async () => {
		await anna.profile.setAbout('At the lake');
		expect(await one('getAbout', ANNA)).toMatchObject({
			phone: '+15550100101',
			about: 'At the lake',
			aboutChanged: expect.stringMatching(/^20\d\d-/),
		});
		await ben.profile.setPrivacy('status', 'none');
		expect(await one('getAbout', BEN)).toMatchObject({ about: null, aboutChanged: null });
	});

	test('Get Business Profile tells businesses from people', async () => {
		const bakery = await sender.server.phone('+1 555 010 0103', { name: 'Bakery' });
		sender.server.setBusinessProfile('+1 555 010 0103', {
			description: 'Bread since 1905',
			address: '1 Main Street',
			email: 'bread@example.com',
			website: 'https://example.com',
			category: 'Bakery',
			hours: {
				timezone: 'America/New_York',
				days: [
					{ day_of_week: 'mon', mode: 'specific_hours', open_time: 360, close_time: 785 },
					{ day_of_week: 'sun', mode: 'open_24h' },
				],
			},
		});
		expect(await one('getBusinessProfile', '+1 555 010 0103')).toMatchObject({
			lid: bakery.lid,
			isBusiness: true,
			category: 'Bakery',
			description: 'Bread since 1905',
			address: '1 Main Street',
			email: 'bread@example.com',
			websites: ['https://example.com'],
			timezone: 'America/New_York',
			hours: [
				{ day: 'mon', mode: 'specific_hours', opens: '06:00', closes: '13:05' },
				{ day: 'sun', mode: 'open_24h', opens: null, closes: null },
			],
		});
		expect(await one('getBusinessProfile', ANNA)).toMatchObject({
			isBusiness: false,
			category: null,
			hours: [],
		});
	});

	test('Block, Unblock and Get Blocked', async () => {
		expect(await read('getBlocked')).toEqual([]);
		expect(await one('block', ANNA)).toMatchObject({ blocked: true, lid: anna.lid });
		expect(await one('block', anna.lid)).toMatchObject({ blocked: true });
		expect(await sender.me.profile.blocked()).toEqual([anna.lid]);
		expect(await read('getBlocked')).toMatchObject([
			{ id: anna.lid, phone: '+15550100101', name: 'Anna' },
		]);
		const lost = await anna.sendText(sender.me, 'do you hear me?');
		expect(await one('unblock', anna.lid)).toMatchObject({ blocked: false });
		expect(await sender.me.profile.blocked()).toEqual([]);
		const heard = await anna.sendText(sender.me, 'and now?');
		await sender.heard(heard.id);
		expect(sender.me.messages.map(({ id }) => id)).not.toContain(lost.id);
		// Somebody whose number is not known cannot be blocked.
		const hidden = await refused('block', { contact: chat('288888888888888@lid') });
		expect(hidden).toMatchObject({ code: 'not-allowed' });
	});
}
