/**
 * Messages at a steady rate for a long time, into a process of its own with everything on: its memory
 * must not grow. `npm run bench -- soak [minutes] [messages a second]`, 30 and 50 unless given.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../helpers/until';
import { WhatsAppServer } from '../whatsapp';
import type { LinkNews } from './client';
import { startContender, stopContender, type Contender } from './contender';
import type { ReceivingNews } from './receiver';

const OWN = '+1 555 010 0100';
const WRITERS = 10;

/** Resident memory of a process, MB. */
function resident(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

export async function run(): Promise<void> {
	const minutes = Number(process.argv[2] ?? 30);
	const rate = Number(process.argv[3] ?? 50);
	const server = await WhatsAppServer.start();
	const folder = await mkdtemp(join(tmpdir(), 'bench-soak-'));
	let receiver: Contender<ReceivingNews | LinkNews> | undefined;
	try {
		const me = await server.phone(OWN, { name: 'Me' });
		const writers = await Promise.all(
			Array.from({ length: WRITERS }, async (_, n) =>
				server.phone(`+1 555 010 02${String(n).padStart(2, '0')}`, { name: `Writer ${n}` }),
			),
		);
		const orders = { kind: 'ours' as const, folder };
		receiver = await startContender<ReceivingNews>(server, 'receiver.js', me, orders);
		const { child, news } = receiver;
		const perMinute = rate * 60;
		const held: number[] = [];
		for (let minute = 0; minute < minutes; minute++) {
			news.length = 0;
			child.send({ expect: perMinute });
			await until('the receiver', () => news.some((said) => 'ready' in said));
			const begin = Date.now();
			for (let n = 0; n < perMinute; n++) {
				const due = begin + (n * 1_000) / rate;
				if (due > Date.now()) await sleep(due - Date.now());
				await writers[n % WRITERS]?.sendText(OWN, `message ${minute}-${n}`);
			}
			await until('all of them', () => news.some((said) => 'ms' in said), 120_000);
			held.push(resident(child.pid ?? 0));
		}
		const half = held.slice(Math.floor(held.length / 2));
		console.log(`${minutes} minutes at ${rate} messages/s, all of them emitted`);
		console.log(`RSS after each minute, MB: ${held.map((size) => size.toFixed(0)).join(' ')}`);
		console.log(
			`second half: ${Math.min(...half).toFixed(0)} to ${Math.max(...half).toFixed(0)} MB, ` +
				`last minus first ${((half.at(-1) ?? 0) - (half[0] ?? 0)).toFixed(1)} MB`,
		);
	} finally {
		if (receiver) stopContender(receiver);
		await server.stop();
		await rm(folder, { recursive: true, force: true });
	}
}
