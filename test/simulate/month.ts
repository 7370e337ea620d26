/**
 * A month of one user with one client, against the model of WhatsApp's enforcement
 * (test/whatsapp/server/enforcement.ts). The whole stand-in encrypts every message and would need hours
 * for a month, so here our real safety (src/safety: facts, counters, gate, what WhatsApp says) is driven
 * directly, with a clock that jumps; test/socket/safety.test.ts shows the same on the wire.
 */
import { createSealer } from '../../src/auth';
import { silentLog } from '../../src/log';
import { Safety } from '../../src/safety';
import type { ProfileName } from '../../src/safety/types';
import { openStorage } from '../../src/storage/open';
import { Enforcement } from '../whatsapp/server/enforcement';
import { SimulatedClock } from './clock';
import type { User, Wish, World } from './users';

const START = Date.UTC(2026, 0, 1);
const DAY = 24 * 60 * 60_000;
/** An answer that takes longer is late. */
const LATE_MS = 60_000;
/** n8n's Retry On Fail, as people set it: three tries, five seconds apart. */
const TRIES = 3;
const RETRY_MS = 5_000;
/** What the workflow with ours waits for a limit. */
const WAIT_MS = DAY;

export interface Outcome {
	user: string;
	client: string;
	/** Days until the account was first restricted; null when it never was. */
	restrictedAfter: number | null;
	wanted: number;
	delivered: number;
	replies: number;
	repliesDelivered: number;
	repliesLate: number;
}

interface Client {
	name: string;
	/** Resolves with true when it was delivered. */
	send(wish: Wish): Promise<boolean>;
	heard(from: string): void;
	stop(): void;
}

/** @param seed other numbers are other months */
export async function month(user: User, client: 'bare' | ProfileName, seed = 7): Promise<Outcome> {
	const clock = new SimulatedClock(START);
	const service = new Enforcement(START);
	const made = client === 'bare' ? bare(clock, service) : await ours(clock, service, client);
	const outcome: Outcome = {
		user: user.name,
		client: made.name,
		restrictedAfter: null,
		wanted: 0,
		delivered: 0,
		replies: 0,
		repliesDelivered: 0,
		repliesLate: 0,
	};
	const want = (wish: Wish, delivered?: () => void) => {
		const asked = clock.now();
		outcome.wanted++;
		if (wish.reply) outcome.replies++;
		void made.send(wish).then((done) => {
			if (!done) return;
			outcome.delivered++;
			delivered?.();
			if (!wish.reply) return;
			outcome.repliesDelivered++;
			if (clock.now() - asked > LATE_MS) outcome.repliesLate++;
		});
	};
	const world: World = {
		start: START,
		now: () => clock.now(),
		random: randomOf(seed),
		at: (time, task) => void clock.at(time, task),
		want,
		write: (from, then) => {
			service.wrote(from);
			made.heard(from);
			if (then) want(then);
		},
		report: () => service.report(clock.now()),
	};
	user.live(world);
	await clock.run(START + 30 * DAY);
	made.stop();
	const { restrictedAt } = service;
	if (restrictedAt !== undefined) outcome.restrictedAfter = (restrictedAt - START) / DAY;
	return outcome;
}

/** Sends what is wanted when it is wanted, and tries again what was refused. */
function bare(clock: SimulatedClock, service: Enforcement): Client {
	return {
		name: 'bare client',
		heard: () => {},
		stop: () => {},
		async send({ to }) {
			for (let tries = 0; tries < TRIES; tries++) {
				if (service.message(to, clock.now()) === undefined) return true;
				await clock.sleep(RETRY_MS);
			}
			return false;
		},
	};
}

async function ours(
	clock: SimulatedClock,
	service: Enforcement,
	profile: ProfileName,
): Promise<Client> {
	const { facts, lease } = openStorage({ kind: 'memory' }, { clock, log: silentLog }).account('a');
	const held = await lease.acquire('simulation', 60 * DAY);
	const jids = new Map<string, string>();
	const jidOf = (name: string) => {
		const known = jids.get(name);
		if (known) return known;
		const jid = `${200_000_000_000_000 + jids.size}@lid`;
		jids.set(name, jid);
		return jid;
	};
	const socket = {
		fetchNewChatMessageCap: () => Promise.resolve(service.cap(clock.now())),
		fetchAccountReachoutTimelock: () => {
			const { active, until } = service.timelock(clock.now());
			const timeEnforcementEnds = until === undefined ? undefined : new Date(until * 1_000);
			return Promise.resolve({ isActive: active, timeEnforcementEnds });
		},
	};
	const options = { safetyProfile: profile };
	const safety = new Safety({
		settings: () => ({
			account: 'a',
			credentialName: 'a',
			storage: { kind: 'memory' },
			deviceName: 'n8n',
			options,
		}),
		facts,
		sealer: createSealer('secret', 'a'),
		fence: () => (held.held ? held.fence : undefined),
		socket: () => socket as never,
		known: {
			pairOf: () => undefined,
			addressesOf: (jid) => Promise.resolve([jid]),
			isMe: () => false,
			isSaved: () => false,
			groups: () => Promise.resolve([]),
		},
		tell: () => {},
		clock,
		log: silentLog,
		dice: randomOf(11),
	});
	let ids = 0;
	const signal = new AbortController().signal;
	return {
		name: `ours, ${profile}`,
		stop: () => safety.stop(),
		heard(from) {
			const key = { remoteJid: jidOf(from), fromMe: false, id: `in${++ids}` };
			const message = {
				key,
				message: { conversation: 'hello' },
				messageTimestamp: Math.floor(clock.now() / 1_000),
			};
			safety.take({ 'messages.upsert': { messages: [message], type: 'notify' } });
		},
		async send({ to, text, reply }) {
			const id = `out${++ids}`;
			const command = {
				operation: 'message.sendText',
				params: {},
				idempotencyKey: id,
				deadline: clock.now() + (reply ? 150_000 : WAIT_MS + 150_000),
				safety: reply ? {} : { atLimit: 'wait' as const, waitMs: WAIT_MS },
			};
			try {
				const outgoing = { to: jidOf(to), id, command, message: { conversation: text } };
				const pass = await safety.pass(outgoing, signal);
				if (pass.typingMs > 0) await clock.sleep(pass.typingMs);
				const code = service.message(to, clock.now());
				if (code === undefined) pass.sent('accepted');
				else pass.rejected(code);
				return code === undefined;
			} catch {
				return false;
			}
		},
	};
}

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
