/**
 * What goes out waits for what was written before. Baileys does not wait until the keys that it has
 * changed are stored (auth `ahead`), which lets many messages share one write; so each frame to WhatsApp
 * waits here until everything that was to be stored when it was made is stored. Nobody outside can then
 * know of a state that a crash could take back: an unsent receipt makes the server send the message
 * again, and the session that is stored can still decrypt it.
 */
import { Boom } from '@hapi/boom';

/** As Baileys says that a connection is closed (DisconnectReason.connectionClosed). */
export const closed = () => new Boom('Connection Closed', { statusCode: 428 });

/** What is used of the WebSocket of `ws` inside Baileys' client. */
export interface RawSocket {
	send(data: unknown, done?: (error?: Error) => void): void;
	close(...given: unknown[]): void;
	terminate(): void;
	/** The connection below; several frames are one write to it. */
	_socket?: { cork(): void; uncork(): void } | null;
}

/** What has to be stored before anything may go out. */
export interface Stored {
	/** Settles with everything up to now; undefined when it is stored. */
	written(): Promise<void> | undefined;
	/** Somebody waits: it is not to be gathered any longer. */
	push(): void;
}

/** Frames that wait for the same. */
interface Group {
	after: Promise<void> | undefined;
	frames: unknown[];
	/** Whether they went out. */
	out: Promise<boolean>;
	end(out: boolean): void;
}

export class Output {
	private held: Group[] = [];
	/** Is being written to the connection. */
	private leaving?: Group;
	private releasing?: Promise<void>;
	private failed = false;

	/** @param send writes a frame to the connection */
	constructor(
		private readonly raw: RawSocket,
		private readonly send: RawSocket['send'],
		private readonly stored: Stored,
	) {}

	/** Sends a frame when it may go. `done` is told at once: Baileys would stand still meanwhile. */
	take(data: unknown, done?: (error?: Error) => void): void {
		if (this.failed) {
			done?.(closed());
			return;
		}
		const after = this.stored.written();
		if (!this.releasing && !after) {
			this.send(data, done);
			return;
		}
		const last = this.held.at(-1);
		if (last && last.after === after) last.frames.push(data);
		else this.held.push(group(after, data));
		done?.();
		this.releasing ??= this.release();
	}

	/** Closes behind what was taken so far: Baileys says that it logs out, and hangs up. */
	close(close: () => void): void {
		if (this.releasing) void this.passed().then(close, close);
		else close();
	}

	/** Resolves when what was taken so far is on the connection. @throws Boom when it never will be. */
	async passed(): Promise<void> {
		if (this.failed) throw closed();
		// Not the end of all: in a burst something always waits.
		const last = this.held.at(-1) ?? this.leaving;
		if (!last) return;
		this.stored.push();
		if (!(await last.out)) throw closed();
	}

	private async release(): Promise<void> {
		try {
			for (let first = this.held[0]; first; first = this.held[0]) {
				await first.after;
				this.leaving = this.held.shift();
				first.end(await this.together(first.frames));
			}
		} catch {
			// The session ends with the storage (watchedKeys.ts); nothing of it may reach WhatsApp any more.
			this.failed = true;
			for (const each of [this.leaving, ...this.held]) each?.end(false);
			this.held = [];
			this.raw.terminate();
		} finally {
			this.releasing = this.leaving = undefined;
		}
	}

	/**
	 * Writes them in one go: writing to a connection costs more than most frames do. Resolves when the
	 * connection has them; false when it is gone.
	 */
	private async together(frames: readonly unknown[]): Promise<boolean> {
		const { _socket: connection } = this.raw;
		const last = frames.length - 1;
		return await new Promise<boolean>((resolve) => {
			connection?.cork();
			for (const [index, frame] of frames.entries()) {
				this.send(frame, index === last ? (error) => resolve(!error) : undefined);
			}
			connection?.uncork();
		});
	}
}

function group(after: Group['after'], frame: unknown): Group {
	let end: Group['end'] = () => {};
	const out = new Promise<boolean>((resolve) => (end = resolve));
	return { after, frames: [frame], out, end };
}
