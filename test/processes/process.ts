/** Real processes for tests of what happens between them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LinkedError } from '../../src/errors';
import type { JsonObject } from '../../src/operations/types';
import type { StorageSettings } from '../../src/storage/open';
import { until } from '../helpers/until';
import type { Requests, Told } from './protocol';

const PROGRAM = join(__dirname, 'program.ts');

export interface ProcessOptions {
	storage: StorageSettings;
	/** The stand-in's variables. */
	env: Record<string, string>;
	/** n8n's encryption key. */
	secret?: string;
}

type Heard = Extract<Told, { kind: 'event' }>;

export class N8nProcess {
	/** What its triggers heard, in order. */
	readonly events: Heard[] = [];
	/** States its sessions went through. */
	readonly states: string[] = [];
	private asked = 0;
	private commands = 0;
	private readonly waiting = new Map<number, (told: Extract<Told, { kind: 'answer' }>) => void>();
	private ready = false;

	private constructor(private readonly child: ChildProcess) {
		child.on('message', (told: Told) => this.hear(told));
	}

	static async start(options: ProcessOptions): Promise<N8nProcess> {
		const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', PROGRAM], {
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
			env: {
				...process.env,
				...options.env,
				NODE_OPTIONS: '',
				N8N_ENCRYPTION_KEY: options.secret ?? 'test key',
				TEST_STORAGE: JSON.stringify(options.storage),
			},
		});
		const started = new N8nProcess(child);
		await until('the process', () => started.ready, 60_000);
		return started;
	}

	get pid(): number {
		return this.child.pid ?? 0;
	}

	get running(): boolean {
		return this.child.exitCode === null && this.child.signalCode === null;
	}

	/** @throws LinkedError what the process answered */
	async ask<K extends keyof Requests>(
		what: K,
		input: Parameters<Requests[K]>[0],
	): Promise<Awaited<ReturnType<Requests[K]>>> {
		const id = ++this.asked;
		const answer = new Promise<Extract<Told, { kind: 'answer' }>>((resolve) => {
			this.waiting.set(id, resolve);
		});
		this.child.send({ id, what, input });
		const { result, error, cause } = await answer;
		if (error) throw Object.assign(LinkedError.fromJSON(error), { causedBy: cause });
		return result as Awaited<ReturnType<Requests[K]>>;
	}

	/** Runs an operation as an action node does. */
	async run(
		account: string,
		operation: string,
		params: JsonObject = {},
		more: { key?: string; timeoutMs?: number; tag?: string } = {},
	): Promise<JsonObject> {
		const { result } = await this.ask('submit', {
			account,
			command: {
				operation,
				params,
				idempotencyKey: more.key ?? `${this.pid}:${++this.commands}`,
				deadline: Date.now() + (more.timeoutMs ?? 40_000),
			},
			tag: more.tag,
		});
		return result as JsonObject;
	}

	/** Texts that a trigger of this process heard. */
	heard(trigger: string): Array<string | null> {
		return this.events.filter((each) => each.trigger === trigger).map(({ text }) => text);
	}

	signal(signal: NodeJS.Signals): void {
		this.child.kill(signal);
	}

	/** Ends it (SIGTERM: in good order) and resolves when it is gone. */
	async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
		if (!this.running) return;
		const gone = once(this.child, 'exit');
		this.child.kill(signal);
		await gone;
	}

	private hear(told: Told): void {
		switch (told.kind) {
			case 'ready':
				this.ready = true;
				break;
			case 'answer':
				this.waiting.get(told.id)?.(told);
				this.waiting.delete(told.id);
				break;
			case 'state':
				this.states.push(told.state);
				break;
			case 'event':
				this.events.push(told);
				break;
		}
	}
}
