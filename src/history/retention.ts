/** Removes what is not to be kept (any more), now and then. */
import type { Clock } from '../clock';
import { Hourly } from '../hourly';
import type { Log } from '../log';
import { positionOf, type HistoryStore } from '../storage/historyRole';
import { STATUS_JID } from '../wa/ids';
import type { Directory } from './directory';
import { isExpired, unpack } from './item';
import { keepsChat, keptSince, type Keeping } from './keeping';

const PAGE = 200;
/** WhatsApp shows a status for a day. */
const STATUS_MS = 24 * 60 * 60_000;

export interface RetentionDeps {
	store: HistoryStore;
	directory: Pick<Directory, 'canonical' | 'emptied' | 'withTimer' | 'disappearing' | 'forgot'>;
	keeping(): Keeping;
	clock: Clock;
	log: Log;
}

export class Retention {
	private readonly hourly: Hourly;

	constructor(private readonly deps: RetentionDeps) {
		const { clock, log } = deps;
		this.hourly = new Hourly({
			work: async () => {
				const gone = await this.run();
				if (gone > 0) log.info('old messages were removed', { count: gone });
			},
			failed: 'old messages could not be removed',
			clock,
			log,
		});
	}

	/** Does it now and then every hour. */
	async start(): Promise<void> {
		await this.hourly.start();
	}

	stop(): void {
		this.hourly.stop();
	}

	/** Once. Returns how many messages were removed. */
	async run(): Promise<number> {
		const { store, directory, clock } = this.deps;
		const keeping = this.deps.keeping();
		const now = clock.now();
		const canonical = (address: string) => directory.canonical(address);
		let gone = 0;
		for (const chat of await store.chats()) {
			if (this.hourly.stopped) return gone;
			if (!keepsChat(keeping, chat, canonical)) {
				gone += await store.count(chat);
				await store.drop(chat);
				directory.emptied(chat);
				continue;
			}
			const since = Math.max(keptSince(keeping, now), chat === STATUS_JID ? now - STATUS_MS : 0);
			if (since === 0 && keeping.perChat === 0) continue;
			gone += await this.trim(chat, since, keeping.perChat);
		}
		for (const chat of directory.withTimer) gone += await this.expire(chat, now);
		return gone;
	}

	/** Removes messages whose time is over. */
	private async expire(chat: string, now: number): Promise<number> {
		const { store, directory } = this.deps;
		let gone = 0;
		let waiting = false;
		let after: number | undefined;
		for (;;) {
			const page = await store.page({ chat, after, order: 'oldest', limit: PAGE });
			after = page.at(-1)?.position;
			const over: string[] = [];
			for (const { id, body } of page) {
				const item = unpack(body);
				if (isExpired(item, now)) over.push(id);
				else waiting ||= item.expiresAt !== undefined && !item.held;
			}
			await store.change(over.map((id) => ({ chat, id, step: () => null })));
			for (const id of over) directory.forgot(chat, id);
			gone += over.length;
			if (page.length < PAGE || this.hourly.stopped) break;
		}
		if (!waiting && !this.hourly.stopped) directory.disappearing(chat, false);
		return gone;
	}

	private async trim(chat: string, since: number, perChat: number): Promise<number> {
		const { store, directory } = this.deps;
		const limits = {
			before: positionOf(Math.ceil(since / 1_000)),
			...(perChat > 0 ? { keep: perChat } : {}),
		};
		let gone = 0;
		for (;;) {
			const step = this.hourly.stopped ? 0 : await store.trim(chat, limits);
			gone += step;
			if (step === 0) break;
			await new Promise<void>((resolve) => setImmediate(resolve));
		}
		if (gone > 0) directory.emptied(chat, since);
		return gone;
	}
}
