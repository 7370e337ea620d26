/** The own profile, privacy, devices and calls: what the server has and what other people see. */
import type { IDataObject } from 'n8n-workflow';
import sharp from 'sharp';
import { runtime } from '../../src/runtime';
import { png } from '../helpers/mediaFiles';
import { chat, type Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

export function accountSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;

	const ANNA = '+1 555 010 0101';
	const run = async (operation: string, parameters: IDataObject = {}) =>
		await sender.send(operation, { resource: 'account', ...parameters });
	const refused = async (operation: string, parameters: IDataObject = {}) =>
		await sender.refusal(operation, { resource: 'account', ...parameters });
	const onServer = () => sender.server.account(sender.me.number);

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		await sender.synced();
	});
	afterAll(async () => {
		expect(sender.server.failures).toEqual([]);
		expect(sender.server.unknownQueries).toEqual([]);
		await sender.stop();
	});

	test('the profile of a number that has set nothing', async () => {
		expect(await run('getProfile')).toEqual({
			number: `+${sender.me.number}`,
			lid: sender.me.lid,
			name: 'Me',
			about: null,
			aboutSetAt: null,
			pictureUrl: null,
			isBusiness: false,
		});
	});

	test('a new name is on the phone, and others get it with the next message', async () => {
		expect(await run('updateName', { name: ' Max Example ' })).toEqual({ name: 'Max Example' });
		await sender.me.waitUntil('the name', () =>
			sender.me.appState.changes.find(
				({ index, value }) =>
					index[0] === 'setting_pushName' && value?.pushNameSetting?.name === 'Max Example',
			),
		);
		const sent = await sender.send('sendText', { chat: chat(ANNA), text: 'guess who' });
		const message = await anna.waitForMessage(({ id }) => id === sent.messageId);
		expect(message.pushName).toBe('Max Example');
		expect(await run('getProfile')).toMatchObject({ name: 'Max Example' });
		expect(await sender.send('getStatus', { resource: 'session' })).toMatchObject({
			name: 'Max Example',
		});
	});

	test('a message that the phone wrote under the old name does not bring it back', async () => {
		const account = onServer();
		account.pushName = 'Me';
		const late = await sender.me.sendText(anna, 'written before');
		account.pushName = 'Max Example';
		await sender.heard(late.id);
		expect(await run('getProfile')).toMatchObject({ name: 'Max Example' });
	});

	test('a new about text is on the server and people see it', async () => {
		expect(await run('updateAbout', { about: 'At the lake' })).toEqual({ about: 'At the lake' });
		expect(onServer().about.text).toBe('At the lake');
		expect(await run('getProfile')).toMatchObject({
			about: 'At the lake',
			aboutSetAt: expect.stringMatching(/^\d{4}-.*Z$/),
		});
	});

	test('a picture is cut to a square, shown to others, and taken away', async () => {
		const data = { data: (await png(800, 400)).toString('base64'), mimeType: 'image/png' };
		const { pictureId } = await sender.send(
			'setPicture',
			{ resource: 'account' },
			{ items: [{ json: {}, binary: { data } }] },
		);
		expect(pictureId).toBe(onServer().picture?.id);
		const { pictureUrl } = await run('getProfile');
		const url = await anna.profile.pictureOf(sender.me.lid);
		expect(url).toBe(pictureUrl);
		const seen = await anna.media.downloadAt(new URL(String(url)).pathname);
		expect(await sharp(seen).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 640 });
		expect(await run('removePicture')).toEqual({ removed: true });
		expect(onServer().picture).toBeUndefined();
		expect(await run('getProfile')).toMatchObject({ pictureUrl: null });
	});

	test('names and texts that WhatsApp would not take are refused before anything is asked', async () => {
		// The client's signs of life are no questions; one is due every half a minute.
		const asked = () => sender.server.count('iq') - sender.server.count('w:p');
		const before = asked();
		expect(await refused('updateName', { name: '  ' })).toMatchObject({ code: 'bad-parameter' });
		expect(await refused('updateName', { name: 'x'.repeat(26) })).toMatchObject({
			message: expect.stringContaining('25 characters'),
		});
		expect(await refused('updateAbout', { about: 'x'.repeat(140) })).toMatchObject({
			message: expect.stringContaining('139 characters'),
		});
		expect(await refused('updatePrivacy', { settings: {} })).toMatchObject({
			message: expect.stringContaining('no setting was added'),
		});
		expect(
			await refused('updatePrivacy', { settings: { lastSeen: 'nobody', calls: 'nobody' } }),
		).toMatchObject({ code: 'bad-parameter', message: expect.stringContaining('Calls') });
		expect(asked()).toBe(before);
		expect(onServer().privacy.get('last')).toBe('all');
	});

	test('each privacy setting is changed at the server, and the rest stays', async () => {
		expect(await run('getPrivacy')).toEqual({
			about: 'everyone',
			calls: 'everyone',
			groupsAdd: 'everyone',
			lastSeen: 'everyone',
			messages: 'everyone',
			online: 'everyone',
			profilePicture: 'everyone',
			readReceipts: 'everyone',
			defaultTimerSeconds: 0,
			other: {},
		});
		const changes: Array<[string, string, string, string]> = [
			['about', 'contacts', 'status', 'contacts'],
			['calls', 'known', 'calladd', 'known'],
			['groupsAdd', 'contacts', 'groupadd', 'contacts'],
			['lastSeen', 'nobody', 'last', 'none'],
			['messages', 'contacts', 'messages', 'contacts'],
			['online', 'sameAsLastSeen', 'online', 'match_last_seen'],
			['profilePicture', 'nobody', 'profile', 'none'],
			['readReceipts', 'nobody', 'readreceipts', 'none'],
		];
		for (const [field, value, category, wire] of changes) {
			expect(await run('updatePrivacy', { settings: { [field]: value } })).toMatchObject({
				[field]: value,
			});
			expect(onServer().privacy.get(category)).toBe(wire);
		}
		await run('updatePrivacy', { settings: { seconds: 86_400 } });
		expect(onServer().disappearing.seconds).toBe(86_400);
		expect(await run('setDefaultTimer', { seconds: 604_800 })).toEqual({
			defaultTimerSeconds: 604_800,
		});
		const now = await run('getPrivacy');
		expect(now).toMatchObject({
			...Object.fromEntries(changes.map(([field, value]) => [field, value])),
			defaultTimerSeconds: 604_800,
		});
		// A list of exceptions is made on the phone; a category may be newer than we are.
		onServer().privacy.set('profile', 'contact_blacklist').set('stickers', 'contacts');
		expect(await run('getPrivacy')).toMatchObject({
			profilePicture: 'contactsExcept',
			other: { stickers: 'contacts' },
		});
		onServer().privacy.delete('stickers');
	});

	test('read receipts follow the new setting at once', async () => {
		const hello = await anna.sendText(sender.me, 'seen?');
		await sender.heard(hello.id);
		await sender.send('markRead', { chat: chat(ANNA), messageIds: hello.id });
		await run('updatePrivacy', { settings: { readReceipts: 'everyone' } });
		const again = await anna.sendText(sender.me, 'and now?');
		await sender.heard(again.id);
		await sender.send('markRead', { chat: chat(ANNA), messageIds: again.id });
		await anna.waitForReceipt(again.id, 'read');
		const read = anna.receipts.receipts.filter(({ kind }) => kind === 'read');
		expect(read.map(({ id }) => id)).toEqual([again.id]);
	});

	test('what fails half-way says what was changed and what was not', async () => {
		sender.server.failQueries('privacy/privacy', 429, 1);
		const failed = await refused('updatePrivacy', { settings: { about: 'everyone' } });
		expect(failed).toMatchObject({
			code: 'rate-limited',
			message: expect.stringContaining('About was not changed.'),
		});
		expect(onServer().privacy.get('status')).toBe('contacts');
	});

	test('the linked devices of the account, and which one this is', async () => {
		const [own] = sender.server.companions(sender.me.number);
		expect(await run('getDevice')).toEqual({
			number: `+${sender.me.number}`,
			lid: sender.me.lid,
			name: 'Max Example',
			phonePlatform: 'android',
			isBusiness: false,
			device: own?.id,
			deviceName: 'n8n',
			devices: [
				{ device: 0, isPhone: true, isThis: false },
				{ device: own?.id, isPhone: false, isThis: true },
			],
		});
	});

	test('restrictions come as WhatsApp says them', async () => {
		expect(await run('getLimits')).toMatchObject({
			timelock: { isActive: false, endsAt: null },
			messageCap: { total_quota: 1000, used_quota: 0, capping_status: 'NONE' },
		});
		const endsAt = '2030-01-01T00:00:00.000Z';
		sender.server.setTimelock(sender.me.number, {
			active: true,
			until: Date.parse(endsAt) / 1_000,
			type: 'WEB_COMPANION_ONLY',
		});
		sender.server.setMessageCap(sender.me.number, {
			used_quota: 950,
			capping_status: 'SECOND_WARNING',
			something_new: 'kept',
		});
		expect(await run('getLimits')).toMatchObject({
			timelock: { isActive: true, endsAt, type: 'WEB_COMPANION_ONLY' },
			messageCap: { used_quota: 950, capping_status: 'SECOND_WARNING', something_new: 'kept' },
		});
		// One that is not answered does not hide the other.
		sender.server.setMexAnswer('xwa2_message_capping_info', () => undefined);
		expect(await run('getLimits')).toMatchObject({
			timelock: { isActive: true },
			messageCap: null,
		});
		sender.server.setTimelock(sender.me.number, { active: false });
	});

	test('online is shown, also after a reconnect, until it is switched off', async () => {
		await run('updatePrivacy', { settings: { online: 'everyone', lastSeen: 'everyone' } });
		anna.presence.set('available');
		anna.presence.subscribe(sender.me.lid);
		const states = () =>
			anna.presence.seen.filter(({ from }) => from === sender.me.lid).map(({ state }) => state);
		const shown = async (state: string) =>
			await anna.waitUntil(state, () => (states().at(-1) === state ? true : undefined));
		await shown('unavailable');
		expect(await run('setOnline', { status: 'online' })).toEqual({ online: true });
		await shown('available');
		const cut = async () => {
			const [own] = sender.server.companions(sender.me.number);
			const line = own?.online;
			sender.server.dropConnections(sender.me.number);
			await until('a new connection', () => own?.online && own.online !== line);
			return own!;
		};
		const own = await cut();
		await until('the number to be online', () => own.available);
		expect(await run('setOnline', { status: 'offline' })).toEqual({ online: false });
		await shown('unavailable');
		await cut();
		await run('getPrivacy');
		expect(sender.server.companions(sender.me.number)[0]?.available).toBe(false);
	});

	test('a call is rejected by its id, and everybody hears that', async () => {
		const reject = async (parameters: IDataObject) =>
			await sender.send('reject', { resource: 'call', ...parameters });
		const id = anna.presence.call(sender.me.lid, { video: true });
		await runtime().nextEvent(
			sender.settings,
			({ event, callId }) => event === 'call.offered' && callId === id,
			AbortSignal.timeout(20_000),
		);
		expect(await reject({ callId: id })).toEqual({
			callId: id,
			rejected: true,
			caller: anna.lid,
		});
		await anna.waitUntil('the refusal', () =>
			anna.presence.calls.find((call) => call.id === id && call.event === 'reject'),
		);
		// The own phone stops ringing.
		await sender.me.waitUntil('the end', () =>
			sender.me.presence.calls.find((call) => call.id === id && call.event === 'reject'),
		);
		expect(
			await sender.refusal('reject', { resource: 'call', callId: 'A1B2C3D4E5F60708' }),
		).toMatchObject({ code: 'not-found' });
		const other = anna.presence.call(sender.me.lid);
		expect(await reject({ callId: other, options: { caller: ANNA } })).toMatchObject({
			rejected: true,
		});
	});

	test('call links for voice and video', async () => {
		for (const [media, path] of [
			['audio', 'voice'],
			['video', 'video'],
		]) {
			expect(await sender.send('createLink', { resource: 'call', media })).toEqual({
				link: expect.stringMatching(
					new RegExp(`^https://call\\.whatsapp\\.com/${path}/[\\w-]{20,}$`),
				),
				media,
			});
		}
		expect(sender.server.callLinks.map(({ media }) => media)).toEqual(['audio', 'video']);
	});

	test('labels are made in the Business app only', async () => {
		expect(
			await sender.refusal('create', { resource: 'label', name: 'New customer' }),
		).toMatchObject({ code: 'not-allowed', message: expect.stringContaining('Business') });
	});
}
