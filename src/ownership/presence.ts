/**
 * Which n8n processes live: each leaves a sign that expires. Asked after a restart, to tell an
 * execution that goes on in a worker from one that died with its process.
 */
import type { Clock } from '../clock';
import type { Storage } from '../storage/roles';

const TTL_MS = 15_000;
const SIGN_MS = 5_000;
/** Not a credential id: n8n's have 16 letters and digits. */
const ROOM = '_processes';

export class Presence {
	private cancel: () => void = () => {};
	private offHealth: () => void = () => {};
	private stopped = false;

	constructor(
		private readonly storage: Storage,
		private readonly process: string,
		private readonly clock: Clock,
	) {}

	private get facts() {
		return this.storage.account(ROOM).facts;
	}

	async start(): Promise<void> {
		// A storage that was away may have let the sign expire.
		this.offHealth = this.storage.onHealth(({ ok }) => {
			if (ok) void this.sign();
		});
		await this.sign();
	}

	async isAlive(process: string): Promise<boolean> {
		if (process === this.process) return true;
		// Storage that is not shared has one process: every other one is a former one.
		if (!this.storage.shared) return false;
		return (await this.facts.get(`alive:${process}`)) !== undefined;
	}

	async stop(): Promise<void> {
		this.stopped = true;
		this.offHealth();
		this.cancel();
		await this.facts.delete([`alive:${this.process}`]).catch(() => {});
	}

	private async sign(): Promise<void> {
		if (this.stopped) return;
		this.cancel();
		await this.facts.set(`alive:${this.process}`, Buffer.of(1), TTL_MS).catch(() => {});
		this.cancel();
		if (this.stopped) return;
		this.cancel = this.clock.after(SIGN_MS, () => void this.sign());
	}
}
