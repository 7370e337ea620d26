/**
 * Queue mode: the node runs in a worker while another process owns the number. The worker reads,
 * encrypts and uploads the file; the owner gets the message that names it.
 */
import { jpeg, mp4 } from '../helpers/mediaFiles';
import { RedisServer } from '../helpers/redis';
import { chat, Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import { N8nProcess } from '../processes/process';
import { withFiles } from '../suites/send-stage';
import type { Phone } from '../whatsapp';

let redis: RedisServer;
let sender: Sender;
let owner: N8nProcess;
let anna: Phone;
const ANNA = '+1 555 010 0101';
const to = { chat: chat(ANNA) };
const ACCOUNT = 'number';

beforeAll(async () => {
	redis = await RedisServer.start();
	const data = {
		storage: 'redis',
		redisConnection: 'fields',
		redisHost: '127.0.0.1',
		redisPort: redis.port,
	};
	sender = await Sender.start(data, 'filesystem', 'android', async ({ server, me }) => {
		owner = await N8nProcess.start({
			storage: { kind: 'redis', host: '127.0.0.1', port: redis.port },
			env: server.env(),
			secret: process.env.N8N_ENCRYPTION_KEY,
		});
		await owner.ask('open', { account: ACCOUNT });
		const { qr } = await owner.run(ACCOUNT, 'session.getQr');
		await me.scan(String(qr));
		await until('the connection', async () => (await look()).session === 'open');
	});
	anna = await sender.server.phone(ANNA, { name: 'Anna' });
}, 120_000);
afterAll(async () => {
	await sender.stop();
	await owner.end();
	await redis.close();
});

const look = async () => await owner.ask('look', { account: ACCOUNT });

test('files go out through a number that another process owns', async () => {
	const film = mp4({ seconds: 3, bytes: 3_000_000 });
	for (const [operation, content] of [
		['sendImage', await jpeg(300, 200)],
		['sendVideo', film],
	] as const) {
		const items = [withFiles({ data: [content] })];
		const sent = await sender.send(operation, { ...to, caption: 'look' }, { items });
		expect(sent.status).toBe('accepted');
		const got = await anna.waitForMessage(({ id }) => id === sent.messageId);
		expect(got.text).toBe('look');
		expect((await anna.downloadMedia(got)).equals(content)).toBe(true);
	}
	expect(await look()).toEqual({ session: 'open', ownership: 'held' });
	expect(sender.me.companions).toHaveLength(1);
});

test('an execution that runs again neither uploads nor sends again', async () => {
	const again = { items: [withFiles({ data: [await jpeg()] })], executionId: 'once' };
	const first = await sender.send('sendImage', to, again);
	const { uploads } = sender.server.media;
	expect(await sender.send('sendImage', to, again)).toEqual(first);
	expect(sender.server.media.uploads).toBe(uploads);
});

test('what the media server says reaches the worker, and the owner gets a fresh word from it', async () => {
	const picture = await jpeg();
	const items = [withFiles({ data: [picture] })];
	sender.server.media.refuseUploads.push(401);
	const sent = await sender.send('sendImage', to, { items });
	const got = await anna.waitForMessage(({ id }) => id === sent.messageId);
	expect(await anna.downloadMedia(got)).toEqual(picture);
	sender.server.media.refuseUploads.push(503, 503);
	expect(await sender.refusal('sendImage', to, { items })).toMatchObject({
		code: 'upload-failed',
		message: expect.stringContaining('503'),
	});
});
