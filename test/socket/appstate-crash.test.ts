/** What the phone changes is told once, even if the process dies when Baileys has noted it as read. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageSettings } from '../../src/storage/open';
import type { ConsumerNews, ConsumerOrders } from '../crash/consumer';
import { forkConsumer } from '../crash/forkConsumer';
import { RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import { WhatsAppServer } from '../whatsapp';

let folder: string;
let server: WhatsAppServer;
const children: ChildProcess[] = [];

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'appstate-crash-'));
	server = await WhatsAppServer.start();
});

afterEach(async () => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
	await server.stop();
	rmSync(folder, { recursive: true, force: true });
});

function consumer(orders: ConsumerOrders) {
	const child = forkConsumer(server, orders);
	children.push(child);
	const said: ConsumerNews[] = [];
	child.on('message', (news: ConsumerNews) => said.push(news));
	const reaches = async (state: string) =>
		await until(state, () => said.some((news) => 'state' in news && news.state === state), 60_000);
	const qr = async () => {
		const found = await until('a QR', () => said.find((news) => 'qr' in news), 30_000);
		return (found as { qr: string }).qr;
	};
	return { child, reaches, qr };
}

async function run(storage: StorageSettings): Promise<void> {
	const output = join(folder, 'events.jsonl');
	const lines = () =>
		(existsSync(output) ? readFileSync(output, 'utf8') : '')
			.split('\n')
			.filter(Boolean)
			.map((line) => JSON.parse(line) as { id: string; event: string });
	/** Each once by its id: an execution that was killed before its end was noted runs again. */
	const heard = () => [...new Map(lines().map(({ id, event }) => [id, event])).values()];
	const orders = { storage, output, events: ['chat.archived', 'chat.muted', 'chat.pinned'] };
	const me = await server.phone('+1 555 010 0100', { name: 'Me' });
	await server.phone('+1 555 010 0101', { name: 'Anna' });
	const first = consumer(orders);
	await first.reaches('unlinked');
	first.child.send('link');
	await me.scan(await first.qr());
	await first.reaches('open');
	// The first sync is over when changes are news.
	let pinned = false;
	await until('the first sync', async () => {
		await me.pinChat('+1 555 010 0101', (pinned = !pinned));
		return heard().length > 0;
	});
	// Everything before this is read and told.
	await me.mute('+1 555 010 0101');
	await until('the last change', () => heard().includes('chat.muted'), 30_000);
	const ended = once(first.child, 'exit');
	first.child.kill('SIGKILL');
	await ended;

	const second = consumer({ ...orders, dieWith: 'app-state-sync-version' });
	await second.reaches('open');
	const died = once(second.child, 'exit');
	await me.archive('+1 555 010 0101');
	expect(await died).toEqual([null, 'SIGKILL']);

	const third = consumer(orders);
	await third.reaches('open');
	await me.mute('+1 555 010 0101', 0);
	const later = () => heard().filter((event) => event !== 'chat.pinned');
	await until('the change after it', () => later().length > 2, 30_000);
	expect(later()).toEqual(['chat.muted', 'chat.archived', 'chat.muted']);
}

test('with embedded storage', async () => {
	await run({ kind: 'sqlite', folder: join(folder, 'storage') });
}, 120_000);

test('with Redis', async () => {
	const redis = await RedisServer.start({ aof: true });
	try {
		await run({ kind: 'redis', url: redis.url });
	} finally {
		await redis.close();
	}
}, 120_000);
