/**
 * One connection from standing in line for it to its end. Once it is given up, whatever it still
 * does is of no interest to anybody.
 */
import type { ConnectGate } from './connectGate';
import { closeSocket, cutSocket, type WASocket } from './socket';

export class Line {
	private readonly life = new AbortController();
	private current?: WASocket;
	private leaveGate: () => void = () => {};

	/** Aborted when it is given up. */
	get signal(): AbortSignal {
		return this.life.signal;
	}

	get isOver(): boolean {
		return this.life.signal.aborted;
	}

	/** Undefined while there is none yet, or when it has closed. */
	get socket(): WASocket | undefined {
		return this.current;
	}

	/** Waits for a turn to connect. False when it was given up meanwhile. */
	async passGate(gate: ConnectGate): Promise<boolean> {
		const leave = await gate.enter(this.signal).catch(() => undefined);
		if (leave && !this.isOver) {
			this.leaveGate = leave;
			return true;
		}
		leave?.();
		return false;
	}

	/** Connected: the next one may begin. */
	passed(): void {
		this.leaveGate();
	}

	/** Takes the socket as its own. False when it was given up meanwhile; the socket is then closed. */
	take(socket: WASocket): boolean {
		if (this.isOver) {
			void closeSocket(socket);
			return false;
		}
		this.current = socket;
		return true;
	}

	/** What comes from its socket is ignored from here on, and its keys stand still. */
	giveUp(): void {
		this.leaveGate();
		this.life.abort();
	}

	/** Nothing that is still under way reaches WhatsApp. */
	cut(): void {
		if (this.current) cutSocket(this.current);
	}

	/** Its socket has closed by itself. */
	ended(): void {
		this.giveUp();
		this.current = undefined;
	}

	/** Gives it up and closes its socket. */
	async close(): Promise<void> {
		const { current } = this;
		this.ended();
		if (current) await closeSocket(current);
	}
}
