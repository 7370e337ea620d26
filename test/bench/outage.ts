/**
 * What a Redis that has trouble does to messages: `npm run bench -- outage [seconds] [kind] [fault]`: 60
 * seconds on `one` server unless told, or `tls`, or `cluster`. Three processes share a number while
 * messages go in both directions without a pause; Redis is killed, hangs, is slow and so on for that
 * long, one after the other (outageFaults.ts). At the end every message has to be there once, in both
 * directions.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LinkedError } from '../../src/errors';
import { until } from '../helpers/until';
import { N8nProcess } from '../processes/process';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { placeOf, type Fault } from './outageFaults';

const ACCOUNT = 'number';
const TRIGGER = 'workflow/trigger';
const ME = '+1 555 010 0100';
const ANNA = '+1 555 010 0101';
const IN_EVERY_MS = 250;
const OUT_EVERY_MS = 400;
const AGAIN_MS = 1_000;
const PATIENCE_MS = 120_000;

export async function run(): Promise<void> {
	const seconds = Number(process.argv[2] ?? 60);
	const [, , , kind = 'one', only] = process.argv;
	const [server, place] = await Promise.all([WhatsAppServer.start(), placeOf(kind, ACCOUNT)]);
	const processes: N8nProcess[] = [];
	try {
		for (let n = 0; n < 3; n++) {
			processes.push(await N8nProcess.start({ storage: place.storage, env: server.env() }));
		}
		const [me, anna] = [
			await server.phone(ME, { name: 'Me' }),
			await server.phone(ANNA, { name: 'Anna' }),
		];
		await link(processes, me);
		const traffic = new Traffic(processes, anna);
		traffic.start();
		const flows = () => traffic.newest().heard > 0 && traffic.newest().sent > 0;
		await until('both directions', flows, PATIENCE_MS);
		try {
			for (const fault of place.faults.filter(({ name }) => !only || name === only)) {
				await suffer(fault, seconds, traffic);
			}
			await traffic.stop();
		} finally {
			traffic.abandon();
			traffic.report();
		}
	} finally {
		await Promise.all(processes.map(async (each) => await each.end('SIGKILL')));
		await Promise.all([server.stop(), place.close()]);
	}
}

async function link(processes: N8nProcess[], me: Phone): Promise<void> {
	const [first] = processes as [N8nProcess];
	const offer = await first.run(ACCOUNT, 'session.getQr');
	await me.scan(String(offer.qr));
	for (const each of processes) await each.ask('open', { account: ACCOUNT });
	await first.ask('listen', { account: ACCOUNT, trigger: TRIGGER });
	const isOpen = async () => {
		const { state } = await first.run(ACCOUNT, 'session.getStatus');
		return state === 'open';
	};
	await until('the link', isOpen, PATIENCE_MS);
}

async function suffer(fault: Fault, seconds: number, traffic: Traffic): Promise<void> {
	traffic.told();
	await fault.begin();
	await delay(seconds * 1000);
	const during = traffic.told();
	const since = Date.now();
	await fault.end();
	const took = async (what: string, done: () => boolean) => {
		await until(what, done, PATIENCE_MS);
		return `${((Date.now() - since) / 1000).toFixed(1)} s`;
	};
	const { heard } = traffic.newest();
	const into = took('a message to be heard', () => traffic.newest().heard > heard);
	const before = traffic.waiting;
	const out = took('all that waited to go out', () =>
		before.every((n) => !traffic.waiting.includes(n)),
	);
	console.log(
		`${fault.name.padEnd(9)} ${seconds} s: hears again after ${await into}, all ${before.length} that waited sent after ${await out}; errors: ${during}; then: ${traffic.told()}`,
	);
	await delay(5_000);
}

/** Messages in both directions; what is not sent for now is tried again under the same key. */
class Traffic {
	/** Codes of errors and how often they came. */
	private readonly errors = new Map<string, number>();
	private readonly stopping = new AbortController();
	private readonly loops: Array<Promise<void>> = [];
	private readonly sending = new Map<number, Promise<void>>();
	private into = 0;
	private out = 0;

	constructor(
		private readonly processes: N8nProcess[],
		private readonly anna: Phone,
	) {}

	start(): void {
		this.loops.push(
			this.repeat(IN_EVERY_MS, async () => {
				await this.anna.sendText(ME, `in ${++this.into}`);
			}),
			this.repeat(OUT_EVERY_MS, async () => {
				const n = ++this.out;
				this.sending.set(
					n,
					this.send(n).finally(() => this.sending.delete(n)),
				);
				await Promise.resolve();
			}),
		);
	}

	/** Resolves when everything has arrived. */
	async stop(): Promise<void> {
		this.stopping.abort();
		await Promise.all(this.loops);
		await Promise.all(this.sending.values());
		await until('all to be heard', () => new Set(this.heard()).size >= this.into, PATIENCE_MS);
		// Repeats come before this one.
		await this.processes[1]?.run(ACCOUNT, 'message.sendText', { chat: ANNA, text: 'the end' });
		await this.anna.waitForMessage('the end', PATIENCE_MS);
	}

	/** Errors since this was last asked. */
	told(): string {
		const codes = [...this.errors].map(([code, times]) => `${code} ${times}`);
		this.errors.clear();
		return codes.join(', ') || 'none';
	}

	/** Nothing more is sent. */
	abandon(): void {
		this.stopping.abort();
	}

	/** What is not sent yet. */
	get waiting(): number[] {
		return [...this.sending.keys()];
	}

	/** How many messages have gone out and were heard. */
	newest(): { sent: number; heard: number } {
		return { sent: this.arrived().length, heard: this.heard().length };
	}

	report(): void {
		const say = (name: string, sent: number, got: string[]) => {
			const missing = Array.from({ length: sent }, (_none, n) => `${name.trim()} ${n + 1}`).filter(
				(text) => !got.includes(text),
			);
			const lost = missing.length;
			const doubled = got.length - new Set(got).size;
			console.log(
				`${name}: ${sent} messages, ${lost} lost, ${doubled} doubled`,
				...missing.slice(0, 10),
			);
			if (lost !== 0 || doubled !== 0) process.exitCode = 1;
		};
		say('in ', this.into, this.heard());
		say('out', this.out, this.arrived());
	}

	private heard(): string[] {
		return this.processes.flatMap((each) =>
			each.heard(TRIGGER).filter((text): text is string => text?.startsWith('in ') ?? false),
		);
	}

	private arrived(): string[] {
		return this.anna.messages
			.map(({ text }) => text)
			.filter((text): text is string => text?.startsWith('out ') ?? false);
	}

	private async send(n: number): Promise<void> {
		const from = this.processes[n % this.processes.length]!;
		while (from.running) {
			try {
				await from.run(
					ACCOUNT,
					'message.sendText',
					{ chat: ANNA, text: `out ${n}` },
					{ key: `out ${n}`, timeoutMs: 30_000 },
				);
				return;
			} catch (error) {
				const { code } = LinkedError.from(error);
				this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
				await delay(AGAIN_MS);
			}
		}
	}

	private async repeat(everyMs: number, work: () => Promise<void>): Promise<void> {
		while (!this.stopping.signal.aborted) {
			await work();
			await delay(everyMs, undefined, { signal: this.stopping.signal }).catch(() => {});
		}
	}
}
