/** One client's socket: frames, Noise, nodes. What the nodes mean is decided elsewhere. */
import type { WebSocket } from 'ws';
import type { BinaryNode } from '../contract';
import type { Connected } from './accounts';
import { decodeNode, encodeNode, frame, FrameReader } from './frames';
import { NoiseServer, type Finish, type Identity } from './noise';
import type { Recorder } from './recorder';
import type { Wa } from './wa';

/** A handshake that stalls holds nothing for longer. */
const HANDSHAKE_MS = 20_000;

export interface ConnectionEvents {
	/** The handshake is done; the payload says whether it is a login or a registration. */
	finish(connection: Connection, finish: Finish): void;
	stanza(connection: Connection, node: BinaryNode): void;
	closed(connection: Connection): void;
}

/** Faults of the line, changed by tests while it is open. */
export interface LineFaults {
	/** Nothing is taken in nor sent, as with a dead peer behind a live TCP. */
	hang: boolean;
	/** Milliseconds that each outgoing stanza is late; order is kept. */
	delayMs: number;
	/** Send nodes compressed. */
	compress: boolean;
}

export class Connection implements Connected {
	/** For records: the device once it is known. */
	name: string;
	private readonly reader = new FrameReader();
	private readonly noise: NoiseServer;
	private saidHello = false;
	private readonly handshakeTimer: NodeJS.Timeout;
	private readonly late = new Set<NodeJS.Timeout>();
	private closing = false;
	private held: BinaryNode[] = [];
	private lastDue = 0;

	constructor(
		private readonly socket: WebSocket,
		private readonly wa: Wa,
		identity: Identity,
		private readonly recorder: Recorder,
		private readonly faults: LineFaults,
		private readonly events: ConnectionEvents,
		name: string,
	) {
		this.name = name;
		this.noise = new NoiseServer(wa, identity);
		this.handshakeTimer = setTimeout(() => this.drop('handshake timed out'), HANDSHAKE_MS);
		this.handshakeTimer.unref();
		socket.on('message', (data: Buffer, isBinary: boolean) => this.receive(data, isBinary));
		socket.on('error', (error) => this.recorder.event(this.name, `socket error: ${error.name}`));
		socket.on('close', () => this.onClosed());
		if (faults.hang) this.pause();
	}

	get isOpen(): boolean {
		return this.socket.readyState === this.socket.OPEN;
	}

	send(node: BinaryNode): void {
		if (this.closing || !this.isOpen) return;
		if (this.faults.hang) {
			this.held.push(node);
			return;
		}
		if (this.faults.delayMs === 0 && this.late.size === 0) {
			this.transmit(node);
			return;
		}
		this.later(() => this.transmit(node));
	}

	/** Stops reading; what the client sends stays in the socket. */
	pause(): void {
		if (this.isOpen) this.socket.pause();
	}

	/** A hang has ended: what was held back goes out, what came meanwhile is read. */
	resume(): void {
		for (const node of this.held.splice(0)) this.send(node);
		if (this.isOpen) this.socket.resume();
	}

	close(): void {
		if (this.closing) return;
		this.closing = true;
		if (this.late.size === 0) this.socket.close();
		else this.later(() => this.socket.close());
	}

	/** Ends it at once, without a word, as a broken network would. */
	drop(reason: string): void {
		this.recorder.event(this.name, `dropped: ${reason}`);
		this.closing = true;
		this.socket.terminate();
	}

	private receive(data: Buffer, isBinary: boolean): void {
		try {
			if (!isBinary) throw new Error('text frame');
			for (const bytes of this.reader.push(data)) this.onFrame(bytes);
		} catch (error) {
			// Whatever a client sends, only its own connection suffers.
			this.drop(`malformed: ${error instanceof Error ? error.message : 'unknown'}`);
		}
	}

	private onFrame(bytes: Buffer): void {
		if (this.closing) return;
		if (this.noise.established) {
			const node = decodeNode(this.wa, this.noise.decrypt(bytes));
			this.recorder.stanza(this.name, 'in', node);
			this.events.stanza(this, node);
		} else if (this.saidHello) {
			const finish = this.noise.finish(bytes);
			clearTimeout(this.handshakeTimer);
			this.events.finish(this, finish);
		} else {
			const hello = this.noise.hello(bytes);
			this.saidHello = true;
			this.socket.send(frame(hello));
		}
	}

	private transmit(node: BinaryNode): void {
		if (!this.isOpen) return;
		this.recorder.stanza(this.name, 'out', node);
		this.socket.send(frame(this.noise.encrypt(encodeNode(this.wa, node, this.faults.compress))));
	}

	/** After the delay, but never before something that was sent earlier. */
	private later(task: () => void): void {
		const now = Date.now();
		this.lastDue = Math.max(this.lastDue, now + this.faults.delayMs);
		const timer = setTimeout(() => {
			this.late.delete(timer);
			task();
		}, this.lastDue - now);
		this.late.add(timer);
	}

	private onClosed(): void {
		clearTimeout(this.handshakeTimer);
		for (const timer of this.late) clearTimeout(timer);
		this.late.clear();
		this.closing = true;
		this.recorder.event(this.name, 'closed');
		this.events.closed(this);
		this.recorder.changed();
	}
}
