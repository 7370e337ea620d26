/**
 * Stanzas reach Baileys in the order in which the server sent them, one after another: a notice once
 * it is stored, the next after a message once that has begun to be decrypted. Left to itself, Baileys
 * takes live messages past its queue of those that waited at the server (offline-node-processor.js),
 * and a person's second message past the first while it looks up who that is (handleMessage): then
 * messages of one chat come out of order.
 */
import type { BinaryNode, SignalKeyStore, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import { isEncrypted } from './stanza';

const TAGS = ['message', 'notification', 'receipt', 'call'];
/** A message of which nothing is heard for so long has been dropped on its way. */
const STUCK_MS = 10_000;
/** So long the event loop stands still at most. */
const SLICE_MS = 5;

type Listener = (node: BinaryNode) => unknown;

export interface IntakeDeps {
	/** Whether this is stored before Baileys may see it. */
	keeps(node: BinaryNode): boolean;
	/** False when it could not be stored: then nobody may confirm it, and the server repeats it. */
	store(node: BinaryNode, keys: SignalKeyStore): Promise<boolean>;
	clock: Clock;
	log: Log;
}

export class Intake {
	private readonly expected = new Map<BinaryNode, { since: number; free(): void }>();
	private watching = false;
	/** When the event loop last had a turn, by performance.now(). */
	private paused = 0;
	/** Of the newest socket. */
	private line = { waiting: 0 };

	constructor(private readonly deps: IntakeDeps) {}

	/** Whether stanzas have come that Baileys has not begun with. */
	get isBusy(): boolean {
		return this.line.waiting > 0;
	}

	/** Puts itself between a new socket and its listeners. Call it after Baileys' own are there. */
	attach(socket: WASocket, keys: SignalKeyStore): void {
		// What the socket before was in the middle of comes to nothing.
		for (const { free } of [...this.expected.values()]) free();
		let turn: Promise<void> = Promise.resolve();
		const line = (this.line = { waiting: 0 });
		for (const tag of TAGS) {
			const name = `CB:${tag}`;
			const listeners = socket.ws.listeners(name) as Listener[];
			socket.ws.removeAllListeners(name);
			socket.ws.on(name, (node: BinaryNode) => {
				if (line.waiting === 0 && !isEncrypted(node) && !this.deps.keeps(node)) {
					void this.pass(node, listeners);
					return;
				}
				line.waiting++;
				turn = turn.then(async () => {
					await this.pause();
					if (!this.deps.keeps(node) || (await this.deps.store(node, keys))) {
						await this.pass(node, listeners);
					}
					line.waiting--;
				});
			});
		}
	}

	/** Baileys has begun to decrypt this message: whatever comes now is behind it. */
	begun(node: BinaryNode): void {
		this.expected.get(node)?.free();
	}

	/** Gives the process a chance: nothing of a burst that is worked off here waits for anything else. */
	private async pause(): Promise<void> {
		if (performance.now() - this.paused < SLICE_MS) return;
		await new Promise<void>((resolve) => setImmediate(resolve));
		this.paused = performance.now();
	}

	private async pass(node: BinaryNode, listeners: readonly Listener[]): Promise<void> {
		const begun = isEncrypted(node) ? this.expect(node) : undefined;
		for (const listener of listeners) {
			try {
				// Baileys' own are asynchronous and see to their failures themselves.
				const handled = listener(node);
				// One that waited at the server is only put into a queue by then.
				if (!node.attrs.offline && handled instanceof Promise) {
					const over = () => this.begun(node);
					handled.then(over, over);
				}
			} catch (error) {
				this.deps.log.error('a stanza could not be handled', { error: errorName(error) });
			}
		}
		await begun;
	}

	private async expect(node: BinaryNode): Promise<void> {
		await new Promise<void>((resolve) => {
			const free = () => {
				this.expected.delete(node);
				resolve();
			};
			this.expected.set(node, { since: this.deps.clock.now(), free });
			if (this.expected.size === 1) this.watch();
		});
	}

	/** Frees those that are stuck. One timer at a time, because one for each message costs more than it. */
	private watch(): void {
		if (this.watching) return;
		const { clock } = this.deps;
		const [oldest] = this.expected.values();
		if (!oldest) return;
		this.watching = true;
		clock.after(oldest.since + STUCK_MS - clock.now(), () => {
			this.watching = false;
			for (const { since, free } of [...this.expected.values()]) {
				if (since + STUCK_MS <= clock.now()) free();
			}
			this.watch();
		});
	}
}
