/** Channels: what the node says, and what the phones of owners and followers see. */
import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import sharp from 'sharp';
import { locator } from '../helpers/nodeFields';
import type { Sender, SendOptions } from '../helpers/sender';
import type { Phone } from '../whatsapp';

const ANNA = '+1 555 010 0101';
const LINK = 'https://whatsapp.com/channel/';

export function adminChannelsSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;
	/** Of the number. */
	let own: string;
	/** Anna's. */
	let news: string;

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		news = (await anna.channels.create('City News', 'What happens')).id;
	});
	afterAll(async () => {
		await sender.stop();
		expect(sender.server.failures).toEqual([]);
		expect(sender.server.unknownQueries).toEqual([]);
	});

	const many = async (operation: string, parameters: IDataObject, options?: SendOptions) =>
		(await sender.items(operation, { resource: 'channel', ...parameters }, options)).map(
			({ json }) => json,
		);
	const run = async (operation: string, parameters: IDataObject, options?: SendOptions) =>
		(await many(operation, parameters, options))[0]!;
	const refused = async (operation: string, parameters: IDataObject) =>
		(await sender.refusal(operation, { resource: 'channel', ...parameters })).code;
	const file = (content: Buffer, mimeType: string): SendOptions => ({
		items: [{ json: {}, binary: { data: { data: content.toString('base64'), mimeType } } }],
	});
	const fromFile = { inputType: 'binary', binaryPropertyName: 'data' };
	const picture = async (color: string) =>
		await sharp({ create: { width: 300, height: 200, channels: 3, background: color } })
			.jpeg()
			.toBuffer();
	const got = async (phone: Phone, id: unknown) =>
		await phone.waitForMessage((each) => each.id === id);

	test('a channel is made, changed and found by others', async () => {
		const made = await run('create', { name: 'My News', description: 'Of mine' });
		own = String(made.id);
		expect(made).toMatchObject({
			id: expect.stringMatching(/@newsletter$/),
			name: 'My News',
			description: 'Of mine',
			link: expect.stringContaining(LINK),
			followers: 0,
			role: 'owner',
			picture: null,
		});
		const changed = await run('update', {
			channel: locator(own),
			updateFields: { name: 'Our News', description: '' },
		});
		expect(changed).toMatchObject({ id: own, name: 'Our News', description: null, role: 'owner' });
		const code = String(made.link).slice(LINK.length);
		expect(await anna.channels.info(code)).toMatchObject({
			id: own,
			name: 'Our News',
			role: 'GUEST',
		});

		await run(
			'setPicture',
			{ channel: locator(own), ...fromFile },
			file(await picture('red'), 'image/jpeg'),
		);
		const { direct_path } = (await anna.channels.info(own)).picture!;
		expect(await sharp(await anna.media.downloadAt(direct_path)).metadata()).toMatchObject({
			format: 'jpeg',
			width: 640,
			height: 640,
		});
		expect((await run('removePicture', { channel: locator(own) })).picture).toBeNull();
		expect((await anna.channels.info(own)).picture).toBeNull();
	});

	test('a channel is got by id and by link, followed, muted and left', async () => {
		const { invite } = await anna.channels.info(news);
		const byLink = await run('get', { channel: locator(LINK + invite) });
		expect(byLink).toMatchObject({ id: news, name: 'City News', role: 'guest', muted: false });
		expect(await run('get', { channel: locator(news) })).toEqual(byLink);

		expect(await run('follow', { channel: locator(LINK + invite) })).toEqual({
			channel: news,
			following: true,
		});
		expect((await anna.channels.info(news)).subscribers).toBe(1);
		await run('mute', { channel: locator(news) });
		expect(await run('get', { channel: locator(news) })).toMatchObject({
			role: 'subscriber',
			muted: true,
		});
		await run('unmute', { channel: locator(news) });
		expect((await run('get', { channel: locator(news) })).muted).toBe(false);
		const list = async (role: string) =>
			(await many('getMany', { returnAll: true, filters: { role } })).map(({ id }) => id);
		expect(await list('followed')).toEqual([news]);
		expect(await list('own')).toEqual([own]);
		expect((await sender.list('searchChannels', 'city')).results).toEqual([
			{ name: 'City News', value: news },
		]);
		await run('unfollow', { channel: locator(news) });
		expect((await anna.channels.info(news)).subscribers).toBe(0);
	});

	test('texts are posted to the followers, also as a message to the channel', async () => {
		await anna.channels.follow(own);
		const posted = await run('postText', { channel: locator(own), text: 'The bridge is *open*' });
		expect(posted).toMatchObject({
			chat: own,
			status: 'accepted',
			serverId: expect.stringMatching(/^\d+$/),
		});
		const seen = await got(anna, posted.messageId);
		expect(seen).toMatchObject({ chat: own, text: 'The bridge is *open*' });
		expect(seen.stanza.attrs.server_id).toBe(posted.serverId);
		expect(seen.message.messageContextInfo).toBeNull();
		const sent = await sender.send('sendText', { chat: locator(own), text: 'And closed' });
		expect((await got(anna, sent.messageId)).text).toBe('And closed');
		// What would need another way than in chats is not posted by mistake.
		const target = { chat: locator(own), messageId: sent.messageId };
		const posts = (await anna.channels.posts(own)).length;
		expect((await sender.refusal('pin', target)).code).toBe('not-allowed');
		expect((await sender.refusal('react', { ...target, emoji: '👍' })).code).toBe('not-allowed');
		expect(await anna.channels.posts(own)).toHaveLength(posts);
	});

	test('a post is edited and deleted under its own id, also one that is known by its id only', async () => {
		const posted = await run('postText', { channel: locator(own), text: 'Opne' });
		const target = { chat: locator(own), messageId: String(posted.messageId) };
		const count = (await anna.channels.posts(own)).length;
		const edited = await sender.send('edit', { ...target, text: 'Open' });
		expect(edited).toMatchObject({
			messageId: posted.messageId,
			edited: posted.messageId,
			status: 'accepted',
			serverId: posted.serverId,
		});
		expect((await got(anna, `${String(posted.messageId)}#3`)).text).toBe('Open');
		const [latest] = await many('getPosts', { channel: locator(own), returnAll: false, limit: 1 });
		expect(latest).toMatchObject({ messageId: posted.messageId, text: 'Open', edited: true });

		await sender.send('deleteForEveryone', target);
		await anna.waitUntil('the deletion', () =>
			anna.channels.deleted.includes(String(posted.messageId)) ? true : undefined,
		);
		const [gone] = await many('getPosts', { channel: locator(own), returnAll: false, limit: 1 });
		expect(gone).toMatchObject({ messageId: posted.messageId, text: null, deleted: true });
		expect(await anna.channels.posts(own)).toHaveLength(count);

		// From the phone: n8n has not seen it.
		const fromPhone = await sender.me.channels.post(own, { conversation: 'From teh phone' });
		await sender.send('edit', {
			chat: locator(own),
			messageId: fromPhone,
			text: 'From the phone',
		});
		expect((await got(anna, `${fromPhone}#3`)).text).toBe('From the phone');

		const nowhere = { chat: locator(own), messageId: '3EB0NOSUCHPOST' };
		expect((await sender.refusal('edit', { ...nowhere, text: 'x' })).code).toBe('not-found');
		const theirs = await anna.channels.post(news, { conversation: 'of Anna' });
		const others = { chat: locator(news), messageId: theirs };
		expect((await sender.refusal('deleteForEveryone', others)).code).toBe('not-allowed');
	});

	test('files are posted as they are, not encrypted', async () => {
		const jpeg = await picture('blue');
		const posted = await run(
			'postMedia',
			{ channel: locator(own), ...fromFile, caption: 'The bridge' },
			file(jpeg, 'image/jpeg'),
		);
		const { message, stanza } = await got(anna, posted.messageId);
		expect(stanza.attrs.type).toBe('media');
		expect(message.imageMessage).toMatchObject({ caption: 'The bridge', mimetype: 'image/jpeg' });
		expect(message.imageMessage?.mediaKey ?? null).toBeNull();
		const hash = createHash('sha256').update(jpeg).digest();
		expect(Buffer.from(message.imageMessage!.fileSha256!).equals(hash)).toBe(true);
		expect((await anna.downloadMedia({ message })).equals(jpeg)).toBe(true);

		const sent = await sender.send(
			'sendFile',
			{ chat: locator(own), ...fromFile },
			file(Buffer.from('a,b\n1,2\n'), 'text/csv'),
		);
		const second = await got(anna, sent.messageId);
		expect((await anna.downloadMedia(second)).toString()).toBe('a,b\n1,2\n');
	});

	test('posts are read with their reactions, the newest first', async () => {
		const id = await anna.channels.post(news, { conversation: 'one' });
		await anna.channels.post(news, { conversation: 'two' });
		const third = await anna.channels.post(news, { conversation: 'three' });
		const [newest, middle] = await many('getPosts', {
			channel: locator(news),
			returnAll: false,
			limit: 2,
		});
		expect(newest).toMatchObject({
			messageId: third,
			channel: news,
			kind: 'text',
			text: 'three',
			fromMe: false,
			deleted: false,
			reactions: {},
			views: null,
		});
		expect(middle?.text).toBe('two');

		expect(
			await run('react', { channel: locator(news), post: String(newest?.serverId), emoji: '👍' }),
		).toEqual({ channel: news, serverId: newest?.serverId, emoji: '👍' });
		await run('react', { channel: locator(news), post: id, emoji: '❤️' });
		const seen = (await anna.channels.posts(news)).slice(-3);
		expect(seen.map(({ reactions }) => reactions)).toEqual([{ '❤️': 1 }, {}, { '👍': 1 }]);
		await run('removeReaction', { channel: locator(news), post: String(newest?.serverId) });
		expect((await anna.channels.posts(news)).at(-1)?.reactions).toEqual({});
		expect(await refused('react', { channel: locator(news), post: '9999', emoji: '👍' })).toBe(
			'not-found',
		);
		expect(
			await refused('react', { channel: locator(news), post: 'NOSUCHPOST', emoji: '👍' }),
		).toBe('not-found');
	});

	test('more posts than fit into one answer are all read', async () => {
		const { id } = await anna.channels.create('Busy');
		for (let at = 1; at <= 230; at++) await anna.channels.post(id, { conversation: String(at) });
		const posts = await many('getPosts', { channel: locator(id), returnAll: true });
		expect(posts).toHaveLength(230);
		expect([posts[0]?.text, posts[229]?.text]).toEqual(['230', '1']);
	});

	test('what others own is theirs, and what is gone is gone', async () => {
		const field = { channel: locator(news) };
		expect(await refused('update', { ...field, updateFields: { name: 'Mine' } })).toBe(
			'not-allowed',
		);
		expect(await refused('delete', field)).toBe('not-allowed');
		expect(await refused('postText', { ...field, text: 'mine' })).toBe('not-allowed');
		expect(await refused('follow', { channel: locator(own) })).toBe('not-allowed');
		expect(await refused('get', { channel: locator(ANNA) })).toBe('bad-recipient');
		expect(await refused('get', { channel: locator(`${LINK}0029VaNobodyHasThis`) })).toBe(
			'not-found',
		);
		expect(await run('delete', { channel: locator(own) })).toEqual({ channel: own, deleted: true });
		await expect(anna.channels.info(own)).rejects.toThrow('Not Found');
		expect(await refused('get', { channel: locator(own) })).toBe('not-found');
	});
}
