/**
 * Whether the number shows itself as online. By default it does not, because a phone stays silent
 * while another device of its account is online.
 */
import type { WASocket } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { Facts } from '../storage/roles';

const KEY = 'online';

export class Online {
	/** Set by a person; kept over reconnects and restarts. */
	private wanted = false;
	/** How many need it for a moment. */
	private borrowers = 0;

	constructor(private readonly deps: { facts: Facts; log: Log }) {}

	get isOn(): boolean {
		return this.wanted || this.borrowers > 0;
	}

	/** A new connection begins as offline. */
	async opened(socket: WASocket): Promise<void> {
		try {
			this.wanted = (await this.deps.facts.get(KEY)) !== undefined;
			if (this.isOn) await this.tell(socket);
		} catch (error) {
			this.deps.log.warn('the number could not be shown as online', { error: errorName(error) });
		}
	}

	/** @throws LinkedError `not-allowed` when the own name is not known yet */
	async set(socket: WASocket, on: boolean): Promise<void> {
		assertNamed(socket);
		if (on) await this.deps.facts.set(KEY, Buffer.of(1));
		else await this.deps.facts.delete([KEY]);
		this.wanted = on;
		// A connection that is gone is offline, and the next one is told at its beginning.
		await this.tell(socket).catch((error: unknown) => {
			if (socket.ws.isOpen) throw error;
		});
	}

	/** Online for the time of a task, as one is who looks into a chat. */
	async during<T>(socket: WASocket, task: () => Promise<T>): Promise<T> {
		assertNamed(socket);
		this.borrowers++;
		try {
			if (this.borrowers === 1 && !this.wanted) await this.tell(socket);
			return await task();
		} finally {
			this.borrowers--;
			if (!this.isOn) {
				await this.tell(socket).catch((error: unknown) => {
					// A connection that is gone is offline.
					this.deps.log.debug('going offline again failed', { error: errorName(error) });
				});
			}
		}
	}

	/** Says it again, with the present name. */
	async tell(socket: WASocket): Promise<void> {
		await socket.sendPresenceUpdate(this.isOn ? 'available' : 'unavailable');
	}
}

/** Presence carries the name; without one Baileys sends nothing, and says so only in its log. */
function assertNamed({ authState }: WASocket): void {
	if (authState.creds.me?.name) return;
	throw new LinkedError('not-allowed', {
		detail:
			'The name of this account is not known yet. Wait until the phone has synced, or set it with Account > Update Name.',
	});
}
