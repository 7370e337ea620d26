/** Many messages through everything behind the socket: what they leave behind in memory. */
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

/** Says after each tenth how much is held. */
export async function memoryRun(messages: number, say: (line: string) => void): Promise<void> {
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
	const held: number[] = [];
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
			held.push(process.memoryUsage().heapUsed / 1024 / 1024);
		}
	}
	const perSecond = (1_000 * messages) / (performance.now() - begin);
	say(`${messages} events behind the socket: ${perSecond.toFixed(0)}/s`);
	say(`heap after each tenth, MB: ${held.map((size) => size.toFixed(1)).join(' ')}`);
	await delivery.stop();
	inbound.stop();
	await inbound.idle();
	await storage.close();
	await rm(folder, { recursive: true, force: true });
}
