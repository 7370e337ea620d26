/**
 * Who got, read and played our messages, from the raw `receipt` stanzas: Baileys' events may fold an
 * early receipt into the message itself. Kept for a week, so that a later execution can ask.
 */
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { Emitter } from '../emitter';
import type { MessageReceipts } from '../operations/types';
import type { Fact, Facts } from '../storage/roles';
import { isPerson } from '../wa/ids';
import { receiptOf, type ReceiptNotice } from '../wa/receipt';

type Kind = ReceiptNotice['kind'];

const KEEP_MS = 7 * 24 * 60 * 60_000;
/** Receipts of one message come in bursts; they are written together. */
const WRITE_AFTER_MS = 500;
const REMEMBERED = 5_000;

export interface ReceiptsDeps {
	facts: Facts;
	clock: Clock;
	/** A message to a person has come so far for the first time. */
	onFirst(kind: 'delivered' | 'read'): void;
	onError(error: unknown): void;
}

export class Receipts {
	private readonly recent = new Map<string, MessageReceipts>();
	private readonly unwritten = new Set<string>();
	private readonly changes = new Emitter<string>();
	private turn: Promise<void> = Promise.resolve();
	private timer?: () => void;

	constructor(private readonly deps: ReceiptsDeps) {}

	/** Listens on one socket; call for each new one. */
	attach(socket: WASocket): void {
		socket.ws.on('CB:receipt', (node: BinaryNode) => this.take(node));
	}

	/** What is known now. */
	async of(id: string): Promise<MessageReceipts> {
		const known = this.recent.get(id);
		if (known) return known;
		const stored = await this.deps.facts.get(name(id));
		const parsed = stored && (JSON.parse(Buffer.from(stored).toString('utf8')) as MessageReceipts);
		// A receipt may have come while storage answered.
		const receipts = this.recent.get(id) ?? parsed ?? { by: {} };
		if (parsed) this.remember(id, receipts);
		return receipts;
	}

	/** Resolves when `enough` accepts, or with what is known when the time is up. */
	async wait(
		id: string,
		enough: (receipts: MessageReceipts) => boolean,
		timeoutMs: number,
		signal?: AbortSignal,
	): Promise<MessageReceipts> {
		const before = await this.of(id);
		if (enough(before)) return before;
		await this.changes.waitFor(
			() => id,
			(changed) => changed === id && enough(this.recent.get(id) ?? before),
			{ timeoutMs, signal, clock: this.deps.clock },
		);
		return this.recent.get(id) ?? before;
	}

	/** Writes what is not written yet. */
	async flush(): Promise<void> {
		this.timer?.();
		this.timer = undefined;
		const ids = [...this.unwritten];
		this.unwritten.clear();
		this.turn = this.turn
			.then(async () => {
				const facts = new Map<string, Fact>();
				for (const id of ids) {
					const receipts = this.recent.get(id);
					if (!receipts) continue;
					const value = Buffer.from(JSON.stringify(receipts));
					facts.set(name(id), { value, ttlMs: KEEP_MS });
				}
				if (facts.size > 0) await this.deps.facts.setMany(facts);
			})
			.catch((error: unknown) => this.deps.onError(error));
		await this.turn;
	}

	private take(node: BinaryNode): void {
		const receipt = receiptOf(node);
		if (!receipt) return;
		const { ids, who, kind } = receipt;
		const at = receipt.at ?? Math.floor(this.deps.clock.now() / 1_000);
		const direct = node.attrs.participant === undefined && isPerson(who);
		void this.note(ids, { who, direct }, kind, at).catch((error: unknown) =>
			this.deps.onError(error),
		);
	}

	private async note(
		ids: string[],
		{ who, direct }: { who: string; direct: boolean },
		kind: Kind,
		at: number,
	): Promise<void> {
		for (const id of ids) {
			const receipts = await this.of(id);
			if (direct) this.tellFirst(receipts, kind);
			const one = (receipts.by[who] ??= {});
			one[kind] ??= at;
			this.remember(id, receipts);
			this.unwritten.add(id);
			this.changes.emit(id);
		}
		this.timer ??= this.deps.clock.after(WRITE_AFTER_MS, () => {
			this.timer = undefined;
			void this.flush();
		});
	}

	/** What is read was delivered, whether or not that was said. */
	private tellFirst({ by }: MessageReceipts, kind: Kind): void {
		const has = (...kinds: Kind[]) =>
			Object.values(by).some((one) => kinds.some((each) => one[each] !== undefined));
		if (!has('delivered', 'read', 'played')) this.deps.onFirst('delivered');
		if (kind !== 'delivered' && !has('read', 'played')) this.deps.onFirst('read');
	}

	private remember(id: string, receipts: MessageReceipts): void {
		this.recent.delete(id);
		this.recent.set(id, receipts);
		for (const oldest of this.recent.keys()) {
			if (this.recent.size <= REMEMBERED) break;
			if (!this.unwritten.has(oldest)) this.recent.delete(oldest);
			else break;
		}
	}
}

const name = (id: string) => `receipts:${id}`;
