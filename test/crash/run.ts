/**
 * The crash run: phones write, in direct chats and in a group, also while the consumer is down; the
 * consumer is killed with -9 at random moments. Afterwards every message must have reached it, and
 * exactly once after dedupe by event id.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageSettings } from '../../src/storage/open';
import { until } from '../helpers/until';
import { WhatsAppServer } from '../whatsapp';
import { diagnose } from './diagnose';
import type { ConsumerNews, ConsumerOrders } from './consumer';
import { forkConsumer } from './forkConsumer';

export interface CrashOptions {
	messages: number;
	kills: number;
	/** Of the messages, about this share goes to a group. */
	groupShare?: number;
	storage(folder: string): StorageSettings;
	/** Milliseconds between messages of one phone, on average. */
	pauseMs?: number;
	say?(line: string): void;
}

export interface CrashResult {
	sent: number;
	delivered: number;
	duplicatesBeforeDedupe: number;
	lost: string[];
	/** Events whose text was consumed under more than one id: these dedupe cannot mend. */
	doubled: string[];
	/** Messages of one sender in one chat that came after a later one, first consumption counted. */
	outOfOrder: number;
	kills: number;
	seconds: number;
}

interface Line {
	id: string;
	chat: string;
	text: string;
	/** Its place in the inbox. */
	seq: string;
}

const SENDERS = 5;
/** So far may writing be ahead of consuming. */
const WINDOW = 400;

export async function crashRun(options: CrashOptions): Promise<CrashResult> {
	const say = options.say ?? (() => {});
	const folder = mkdtempSync(join(tmpdir(), 'crash-'));
	const output = join(folder, 'events.jsonl');
	const server = await WhatsAppServer.start();
	const orders: ConsumerOrders = { storage: options.storage(folder), output };
	let child: ChildProcess | undefined;
	let state = '';
	let qr = '';
	const started = Date.now();

	const start = () => {
		state = '';
		child = forkConsumer(server, orders);
		child.on('message', (news: ConsumerNews) => {
			if ('qr' in news) ({ qr } = news);
			else ({ state } = news);
		});
	};
	const kill = async () => {
		const victim = child;
		if (!victim || victim.exitCode !== null || victim.signalCode !== null) return;
		const exited = once(victim, 'exit');
		victim.kill('SIGKILL');
		await exited;
	};
	/** How many lines there are, looked up a few times a second. */
	let count = 0;
	const counting = setInterval(() => {
		count = consumed().length;
	}, 200);
	const consumed = (): Line[] =>
		existsSync(output)
			? readFileSync(output, 'utf8')
					.split('\n')
					.filter((line) => line !== '')
					.map((line) => JSON.parse(line) as Line)
			: [];

	try {
		const me = await server.phone('+1 555 0100', { name: 'Me' });
		start();
		await until('the consumer to start', () => state === 'unlinked', 60_000);
		child?.send('link');
		await until('a QR', () => qr !== '', 60_000);
		await me.scan(qr);
		await until('the connection', () => state === 'open', 60_000);

		const senders = await Promise.all(
			Array.from({ length: SENDERS }, async (_, index) =>
				server.phone(`+1 555 01${10 + index}`, { name: `Sender ${index}` }),
			),
		);
		const share = options.groupShare ?? 0;
		const [first, ...others] = senders;
		const group =
			share > 0 && first ? await first.createGroup('Crash', [me, ...others]) : undefined;

		const sent: string[] = [];
		const each = Math.ceil(options.messages / SENDERS);
		const writing = Promise.all(
			senders.map(async (sender, index) => {
				for (let n = 0; n < each; n++) {
					const toGroup = group !== undefined && Math.random() < share;
					const text = `${toGroup ? 'g' : 'd'}-${index}-${n}`;
					await sender.sendText(toGroup ? group : '+1 555 0100', text);
					sent.push(text);
					// A window, so that kills meet receiving, storing and delivering alike.
					await until('the consumer to catch up', () => sent.length - count < WINDOW, 600_000);
					const pause = (options.pauseMs ?? 0) * 2 * Math.random();
					if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
				}
			}),
		);
		let writingEnded = false;
		const ended = writing.finally(() => {
			writingEnded = true;
		});
		ended.catch(() => {});

		let kills = 0;
		while (kills < options.kills) {
			// Kills are spread over what is consumed: each at a random point of its share.
			const target = ((kills + Math.random()) / options.kills) * options.messages * 0.95;
			await until('the next kill', () => count >= target || writingEnded, 600_000);
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
			await kill();
			kills++;
			say(`kill ${kills}: ${sent.length} sent, ${consumed().length} consumed`);
			// Down for a moment: what is written meanwhile waits in the server's offline queue.
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 500));
			start();
			// Some kills hit the start itself.
			if (Math.random() < 0.7) await until('the connection', () => state === 'open', 60_000);
		}
		await ended;
		const ids = () => new Set(consumed().map(({ text }) => text));
		let before = -1;
		let quietSince = Date.now();
		await until(
			'the last messages',
			() => {
				const { size } = ids();
				if (size !== before) {
					before = size;
					quietSince = Date.now();
				}
				return size >= sent.length || Date.now() - quietSince > 45_000;
			},
			900_000,
		);
		const lines = consumed();
		const unique = new Map(lines.map((line) => [line.id, line]));
		const texts = [...unique.values()].map(({ text }) => text);
		const seen = new Set(texts);
		const lost = sent.filter((text) => !seen.has(text));
		const late = inversions([...unique.values()]);
		if (late.length > 0) say(`out of order: ${late.slice(0, 20).join(', ')}`);
		if (lost.length > 0) {
			await kill();
			for (const line of await diagnose(orders.storage, 'crash-test', 'crash', lost)) say(line);
		}
		return {
			sent: sent.length,
			delivered: unique.size,
			duplicatesBeforeDedupe: lines.length - unique.size,
			lost,
			doubled: texts.filter((text, index) => texts.indexOf(text) !== index),
			outOfOrder: late.length,
			kills,
			seconds: Math.round((Date.now() - started) / 1_000),
		};
	} finally {
		clearInterval(counting);
		await kill();
		await server.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Texts that came after a later one of the same sender and chat. */
function inversions(lines: Line[]): string[] {
	const last = new Map<string, { n: number; seq: string }>();
	const found: string[] = [];
	for (const { text, seq } of lines) {
		const [kind, sender, n] = text.split('-');
		const lane = `${kind}-${sender}`;
		const before = last.get(lane);
		if (!before || Number(n) > before.n) {
			last.set(lane, { n: Number(n), seq });
			continue;
		}
		const where = seq < before.seq ? 'handed over late' : 'came into the inbox late';
		found.push(`${text} after ${before.n} (${where})`);
	}
	return found;
}
