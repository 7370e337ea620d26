/**
 * What WhatsApp itself says about the number: the cap of messages to new chats and the reach-out
 * timelock. Baileys rc14 can ask for both but does so for neither: its handler of 463 only asks for a
 * new token. So it is asked here: after connecting, after a refusal, and before new conversations when
 * the last answer is old. No answer, and "no timelock", prove nothing.
 */
import type { ConnectionState, NewChatMessageCapInfo, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import { count, num } from '../wa/read';
import { HOUR, type Cap, type CapLevel, type Timelock } from './types';

/** After connecting there is enough else to do. */
const AFTER_OPEN_MS = 3_000;
/** A burst of refusals is one question. */
const AFTER_REFUSAL_MS = 2_000;
const NOT_AGAIN_BEFORE_MS = 60_000;
/** Before a new conversation the answer may be this old. */
const FRESH_MS = HOUR;
/** A new conversation waits no longer for an answer. */
const PATIENCE_MS = 5_000;
/** A timelock that is over is asked about a little later, lest clocks differ. */
const AFTER_END_MS = 5_000;

const LEVELS: readonly string[] = ['NONE', 'FIRST_WARNING', 'SECOND_WARNING', 'CAPPED'];

export interface WordDeps {
	/** The open socket. */
	socket(): Pick<WASocket, 'fetchAccountReachoutTimelock' | 'fetchNewChatMessageCap'> | undefined;
	said(what: { cap?: Cap; timelock?: Timelock }): void;
	clock: Clock;
	log: Log;
}

export class Word {
	private askedAt = -Infinity;
	private asking?: Promise<void>;
	private cancel: () => void = () => {};
	private cancelEnd: () => void = () => {};

	constructor(private readonly deps: WordDeps) {}

	/** The connection is there. */
	opened(): void {
		this.later(AFTER_OPEN_MS);
	}

	/** WhatsApp refused a message: there may be a reason for it that it tells. */
	refused(): void {
		const { clock } = this.deps;
		this.later(Math.max(AFTER_REFUSAL_MS, this.askedAt + NOT_AGAIN_BEFORE_MS - clock.now()));
	}

	/** Resolves when the answer is fresh, or cannot be had soon. Never throws. */
	async fresh(olderThanMs = FRESH_MS): Promise<void> {
		const { clock } = this.deps;
		if (clock.now() - this.askedAt < olderThanMs || !this.deps.socket()) return;
		const enough = new AbortController();
		const late = clock.sleep(PATIENCE_MS, enough.signal).catch(() => {});
		await Promise.race([this.ask(), late]);
		enough.abort();
	}

	/** What came without being asked for. */
	heard(events: {
		'message-capping.update'?: NewChatMessageCapInfo;
		'connection.update'?: Partial<ConnectionState>;
	}): void {
		const cap = events['message-capping.update'];
		if (cap) this.deps.said({ cap: this.readCap(cap) });
		const lock = events['connection.update']?.reachoutTimeLock;
		if (lock) this.tellLock(lock);
	}

	stop(): void {
		this.cancel();
		this.cancelEnd();
	}

	private later(ms: number): void {
		this.cancel();
		this.cancel = this.deps.clock.after(ms, () => void this.ask());
	}

	private async ask(): Promise<void> {
		this.asking ??= this.askNow().finally(() => (this.asking = undefined));
		await this.asking;
	}

	private async askNow(): Promise<void> {
		const { clock, log } = this.deps;
		const socket = this.deps.socket();
		if (!socket) return;
		this.askedAt = clock.now();
		const [cap, lock] = await Promise.allSettled([
			socket.fetchNewChatMessageCap(),
			socket.fetchAccountReachoutTimelock(),
		]);
		if (cap.status === 'fulfilled' && cap.value) this.deps.said({ cap: this.readCap(cap.value) });
		if (lock.status === 'fulfilled') this.tellLock(lock.value);
		for (const each of [cap, lock]) {
			if (each.status === 'fulfilled') continue;
			log.debug('WhatsApp does not say how the number stands', { error: errorName(each.reason) });
		}
	}

	private tellLock(lock: NonNullable<ConnectionState['reachoutTimeLock']>): void {
		const { clock } = this.deps;
		const at = clock.now();
		// Only isActive can be trusted: enforcement types that Baileys does not know become DEFAULT.
		const active = lock.isActive === true;
		const ends = lock.timeEnforcementEnds ? new Date(lock.timeEnforcementEnds).getTime() : NaN;
		const until = active && Number.isFinite(ends) ? ends : null;
		this.deps.said({ timelock: { active, until, at } });
		this.cancelEnd();
		if (!active) return;
		const end = (until ?? at + HOUR) + AFTER_END_MS;
		this.cancelEnd = clock.after(Math.min(Math.max(0, end - at), 2 ** 31 - 1), () => {
			void this.ask();
		});
	}

	private readCap(info: NewChatMessageCapInfo): Cap {
		const said = String(info.capping_status ?? 'NONE');
		const ends = num(info.cycle_end_timestamp);
		return {
			level: (LEVELS.includes(said) ? said : 'NONE') as CapLevel,
			quota: count(info.total_quota),
			used: count(info.used_quota),
			cycleEnds: ends !== null && ends > 0 ? ends * 1_000 : null,
			at: this.deps.clock.now(),
		};
	}
}
