/** Devices inside this process: the same stanzas as a socket, without socket, Noise and login. */
import type {
	BinaryNode,
	InProcessDevice,
	PairedDevice,
	PairRequest,
	ServerLink,
} from '../contract';
import type { Account, Connected, Device } from './accounts';
import { child } from './nodes';
import type { Pairing } from './pairing';
import type { Router } from './router';
import type { Service } from './service';
import type { Sessions } from './sessions';

interface Waiting {
	resolve(answer: BinaryNode): void;
	reject(error: Error): void;
}

export class Link implements ServerLink {
	/** The server's end. */
	private readonly wire: Connected = {
		send: (node) => this.onServerStanza(node),
		close: () => this.close(),
	};
	private open = true;
	private lastId = 0;
	private readonly waiting = new Map<string, Waiting>();

	constructor(
		private readonly service: Service,
		private readonly sessions: Sessions,
		private readonly pairing: Pairing,
		private readonly router: Router,
		private readonly account: Account,
		private readonly device: Device,
		private readonly party: InProcessDevice,
	) {
		device.online?.close();
		device.online = this.wire;
		device.outbox.open(this.wire);
		// Phones are always online here, so their backlog is never cut into batches by their asking.
		device.outbox.sendBatch(Number.MAX_SAFE_INTEGER);
	}

	send(node: BinaryNode): void {
		if (!this.open) return;
		const copy = this.copy(node);
		this.service.recorder.stanza(this.name, 'in', copy);
		this.router.stanza(this.device, copy);
	}

	async query(node: BinaryNode): Promise<BinaryNode> {
		if (!this.open) throw new Error(`the link of ${this.name} is closed`);
		this.lastId += 1;
		const id = `p${this.lastId}`;
		const answer = new Promise<BinaryNode>((resolve, reject) =>
			this.waiting.set(id, { resolve, reject }),
		);
		this.send({ ...node, attrs: { ...node.attrs, id } });
		return await answer;
	}

	async pair(request: PairRequest): Promise<PairedDevice> {
		return await this.pairing.pair(this.account, request);
	}

	unlink(device: number): void {
		const companion = this.account.device(device);
		if (companion && companion.id !== 0) this.sessions.remove(companion);
	}

	close(): void {
		if (!this.open) return;
		this.open = false;
		for (const { reject } of this.waiting.values()) reject(new Error('the link was closed'));
		this.waiting.clear();
		this.sessions.closed(this.device, this.wire);
		this.party.onClosed?.('closed');
	}

	private get name(): string {
		return `${this.account.phone}:${this.device.id}`;
	}

	private onServerStanza(node: BinaryNode): void {
		if (!this.open) return;
		const copy = this.copy(node);
		this.service.recorder.stanza(this.name, 'out', copy);
		const waiting = copy.tag === 'iq' ? this.waiting.get(copy.attrs['id'] ?? '') : undefined;
		if (waiting) {
			this.waiting.delete(copy.attrs['id'] ?? '');
			const error = copy.attrs['type'] === 'error' ? child(copy, 'error') : undefined;
			if (error) waiting.reject(new Error(`${error.attrs['code']} ${error.attrs['text']}`));
			else waiting.resolve(copy);
			return;
		}
		// Later, so that a handler that answers at once does not run inside the sender's call.
		setImmediate(() => {
			if (this.open) this.party.onStanza(copy);
		});
	}

	/** Over the wire format, so that nobody shares objects or sends what could not be encoded. */
	private copy(node: BinaryNode): BinaryNode {
		return this.service.wa.decode(this.service.wa.encode(node).subarray(1));
	}
}
