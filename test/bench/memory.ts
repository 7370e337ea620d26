/**
 * What 100 000 messages leave behind in memory, through everything behind the socket: journal, events,
 * inbox, history, delivery. `npm run bench -- memory [messages]`. What a linked number holds when
 * nothing happens is measured by the part "scale", growth over half an hour by "soak".
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createSealer } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { KEEP_ALL } from '../../src/history/keeping';
import { Inbound } from '../../src/inbound';
import { Delivery } from '../../src/inbound/deliver';
import { unpack } from '../../src/inbound/envelope';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import { until } from '../helpers/until';

const STEPS = 10;
const AT_ONCE = 200;
const PEOPLE = 500;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export async function run(): Promise<void> {
	const messages = Number(process.argv[2] ?? 100_000);
	const folder = await mkdtemp(join(tmpdir(), 'bench-memory-'));
	const storage = openStorage({ kind: 'sqlite', folder }, { clock: systemClock, log: silentLog });
	await storage.ready();
	const account = storage.account('bench');
	const sealer = createSealer('bench', 'bench');
	const inbound = await Inbound.create({
		storage: account,
		sealer,
		fence: () => undefined,
		keeping: () => KEEP_ALL,
		clock: systemClock,
		log: silentLog,
	});
	let emitted = 0;
	const delivery = new Delivery({
		account: 'bench',
		trigger: 'bench/trigger',
		inbox: account.inbox,
		cursors: account.cursors,
		open: ({ value }) => unpack(sealer.open('inbox', value)).event,
		wants: () => true,
		async emit({ trigger, seq, attempt }) {
			await account.cursors.claim(trigger, seq, attempt, { process: 'p', execution: seq });
			emitted++;
		},
		isAlive: () => Promise.resolve(false),
		report: () => Promise.resolve(),
		maxInFlight: 20,
		next: 'start',
		batchMs: 0,
		rerun: true,
		clock: systemClock,
		log: silentLog,
	});
	delivery.start();
	await until('the trigger', async () => (await account.cursors.list()).length > 0);
	const held = { heap: [] as number[], rss: [] as number[] };
	const begin = performance.now();
	for (let sent = 0; sent < messages;) {
		const upTo = Math.min(sent + AT_ONCE, messages);
		for (; sent < upTo; sent++) {
			const jid = `${300_000_000_000_000 + (sent % PEOPLE)}@lid`;
			inbound.take({
				'messages.upsert': {
					type: 'notify',
					messages: [
						{
							key: { remoteJid: jid, id: `M${sent}`, fromMe: false },
							messageTimestamp: Math.floor(Date.now() / 1_000),
							pushName: `Person ${sent % PEOPLE}`,
							message: { conversation: `message ${sent}` },
						},
					],
				},
			});
		}
		await until('these', () => emitted >= sent, 120_000);
		if (sent % Math.ceil(messages / STEPS) < AT_ONCE) {
			collect();
			const { heapUsed, rss } = process.memoryUsage();
			held.heap.push(heapUsed / 2 ** 20);
			held.rss.push(rss / 2 ** 20);
		}
	}
	const perSecond = (1_000 * messages) / (performance.now() - begin);
	console.log(`${messages} events behind the socket: ${perSecond.toFixed(0)}/s`);
	for (const [name, sizes] of Object.entries(held)) {
		// What is compiled and cached in the first two tenths is there once.
		const [from = 0, to = 0] = [sizes[2], sizes.at(-1)];
		const each = ((to - from) / (messages * (1 - 3 / STEPS))) * 100_000;
		console.log(
			`${name} after each tenth, MB: ${sizes.map((size) => size.toFixed(1)).join(' ')}; ` +
				`per 100 000 events ${each.toFixed(1)} MB`,
		);
	}
	await delivery.stop();
	inbound.stop();
	await inbound.idle();
	await storage.close();
	await rm(folder, { recursive: true, force: true });
}
