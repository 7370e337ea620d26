/**
 * The server's word on a message we sent. sendMessage resolves when the stanza is written; the ack
 * (or a rejection such as 463) follows, so it is read from the raw `ack` stanza: later events may be
 * folded into others by Baileys' buffer (facts: rc14 merges an early receipt into messages.upsert).
 */
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';

export type Ack =
	| { kind: 'accepted'; at: number; /** What channels call the post. */ serverId?: string }
	| { kind: 'rejected'; status: number }
	| { kind: 'closed' }
	| { kind: 'silent' };

export class Acks {
	private readonly waiting = new Map<string, (ack: Ack) => void>();

	constructor(private readonly clock: Clock) {}

	/** Listens on one socket; call for each new one. */
	attach(socket: WASocket): void {
		socket.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => {
			const id = attrs.id;
			const resolve = id === undefined ? undefined : this.waiting.get(id);
			if (!resolve) return;
			const at = attrs.t ? Number(attrs.t) * 1_000 : this.clock.now();
			resolve(
				attrs.error && attrs.error !== '0'
					? { kind: 'rejected', status: Number(attrs.error) || 0 }
					: { kind: 'accepted', at, serverId: attrs.server_id },
			);
		});
	}

	/** Everyone who waits is told that the socket is gone. */
	closed(): void {
		for (const resolve of [...this.waiting.values()]) resolve({ kind: 'closed' });
	}

	/** Call before sending: the ack may come before sendMessage resolves. */
	expect(id: string): { result(timeoutMs: number): Promise<Ack>; forget(): void } {
		let settle: (ack: Ack) => void = () => {};
		const arrived = new Promise<Ack>((resolve) => {
			settle = resolve;
		});
		const forget = () => {
			if (this.waiting.get(id) === settle) this.waiting.delete(id);
		};
		this.waiting.set(id, settle);
		return {
			forget,
			result: async (timeoutMs) => {
				const cancel = this.clock.after(timeoutMs, () => settle({ kind: 'silent' }));
				try {
					return await arrived;
				} finally {
					cancel();
					forget();
				}
			},
		};
	}
}
