/** An unmodified Baileys client that takes the stand-in for WhatsApp. */
import { Agent } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import pino from 'pino';
import type {
	AuthenticationCreds,
	BaileysEventMap,
	SignalDataSet,
	SignalDataTypeMap,
	SignalKeyStore,
	UserFacingSocketConfig,
	WASocket,
} from '@whiskeysockets/baileys';

type Baileys = typeof import('@whiskeysockets/baileys');
type EventName = keyof BaileysEventMap;

/** Credentials and keys in memory; survives several clients of the same device. */
export interface MemoryAuth {
	creds: AuthenticationCreds;
	keys: SignalKeyStore;
}

/** What a client has to be told, be the server in this process or in another. */
export interface Target {
	readonly url: string;
	readonly rootKey: Buffer;
	readonly caPem: string;
}

export interface ClientOptions {
	/** From an earlier client of the same device; without it a new device. */
	auth?: MemoryAuth;
	config?: Partial<UserFacingSocketConfig>;
}

export class Client {
	private readonly seen: Array<{ name: EventName; data: unknown }> = [];
	private readonly watchers = new Set<() => void>();
	private readonly acks = new Map<string, { error?: string }>();

	constructor(
		readonly socket: WASocket,
		readonly auth: MemoryAuth,
		private readonly agent: Agent,
	) {
		socket.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) => {
			this.acks.set(attrs['id'] ?? '', { error: attrs['error'] });
			for (const look of [...this.watchers]) look();
		});
		socket.ev.process((events) => {
			for (const [name, data] of Object.entries(events)) {
				this.seen.push({ name: name as EventName, data });
			}
			if (events['creds.update']) Object.assign(auth.creds, events['creds.update']);
			for (const look of [...this.watchers]) look();
		});
	}

	/** All events of this name so far. */
	events<T extends EventName>(name: T): Array<BaileysEventMap[T]> {
		return this.seen
			.filter((event) => event.name === name)
			.map((event) => event.data as BaileysEventMap[T]);
	}

	/** The first value that the probe finds in an event of this name, past or to come. */
	async waitFor<T extends EventName, R>(
		name: T,
		what: string,
		probe: (data: BaileysEventMap[T]) => R | undefined,
		timeoutMs = 45_000,
	): Promise<R> {
		return await this.waitForAny(
			what,
			() => {
				for (const data of this.events(name)) {
					const value = probe(data);
					if (value !== undefined) return value;
				}
				return undefined;
			},
			timeoutMs,
		);
	}

	/** The same for a probe that looks at several kinds of events. */
	async waitForAny<R>(what: string, probe: () => R | undefined, timeoutMs = 45_000): Promise<R> {
		return await new Promise((resolve, reject) => {
			const look = () => {
				const value = probe();
				if (value === undefined) return;
				clearTimeout(timer);
				this.watchers.delete(look);
				resolve(value);
			};
			const timer = setTimeout(() => {
				this.watchers.delete(look);
				reject(new Error(`the client waited ${timeoutMs} ms for ${what}`));
			}, timeoutMs);
			this.watchers.add(look);
			look();
		});
	}

	async qr(): Promise<string> {
		return await this.waitFor('connection.update', 'a QR', ({ qr }) => qr);
	}

	async opened(): Promise<void> {
		await this.waitFor('connection.update', 'the connection', ({ connection }) =>
			connection === 'open' ? true : undefined,
		);
	}

	/** Resolves with the status code that the connection ended with. */
	async closed(): Promise<number | undefined> {
		const end = await this.waitFor('connection.update', 'the end', (update) =>
			update.connection === 'close' ? update : undefined,
		);
		const error = end.lastDisconnect?.error as { output?: { statusCode?: number } } | undefined;
		return error?.output?.statusCode;
	}

	/** Waits for a text in `messages.upsert`; resolves with the whole message. */
	async text(text: string) {
		return await this.waitFor('messages.upsert', `the message "${text}"`, ({ messages, type }) => {
			const message = messages.find(
				({ message: content }) =>
					(content?.conversation ?? content?.extendedTextMessage?.text) === text,
			);
			return message && { ...message, upsertType: type };
		});
	}

	/**
	 * Waits until an own message has at least this status (3 delivered, 4 read). Baileys folds an
	 * early status into the message's own `messages.upsert`.
	 */
	async status(id: string | null | undefined, atLeast: number): Promise<void> {
		const enough = (status: number | null | undefined) => (status ?? 0) >= atLeast || undefined;
		await this.waitForAny(`status ${atLeast}`, () => {
			const updates = this.events('messages.update').flat();
			const upserts = this.events('messages.upsert').flatMap(({ messages }) => messages);
			return (
				enough(updates.findLast((u) => u.key.id === id && u.update.status)?.update.status) ??
				enough(upserts.findLast((m) => m.key.id === id)?.status)
			);
		});
	}

	/** Waits for the server's ack of an own message; resolves with its error code, if any. */
	async acked(id: string | null | undefined): Promise<string | undefined> {
		return (await this.waitForAny('the ack', () => this.acks.get(id ?? ''))).error;
	}

	/** Sends a text and waits until the server has taken it; resolves with the message id. */
	async say(to: string, text: string): Promise<string> {
		const sent = await this.socket.sendMessage(to, { text });
		await this.acked(sent?.key.id);
		return sent?.key.id ?? '';
	}

	/**
	 * Shows itself as online, which whoever wants to see others online has to. Baileys announces nothing
	 * before it knows its name, which otherwise an own message tells it.
	 */
	async comeOnline(name: string): Promise<void> {
		const { me } = this.auth.creds;
		this.auth.creds.me = { ...me, id: me?.id ?? '', name };
		await this.socket.sendPresenceUpdate('available');
	}

	async stop(): Promise<void> {
		await this.socket.end(undefined);
		this.agent.destroy();
	}
}

/** The silent logger of tests; WA_LOG=trace shows everything. */
const logger = pino({ level: process.env['WA_LOG'] ?? 'silent' });

export async function makeClient(server: Target, options: ClientOptions = {}): Promise<Client> {
	unrefLongTimers();
	silenceLibsignal();
	trust(server.caPem);
	// Communities log whole stanzas through Baileys' own logger, whatever logger was given.
	(await import('@whiskeysockets/baileys/lib/Utils/logger.js')).default.level = 'silent';
	const baileys = await import('@whiskeysockets/baileys');
	server.rootKey.copy(baileys.WA_CERT_DETAILS.PUBLIC_KEY);
	const auth = options.auth ?? memoryAuth(baileys);
	const agent = new Agent({ ca: server.caPem });
	const socket = baileys.default({
		waWebSocketUrl: server.url,
		agent,
		fetchAgent: agent,
		logger,
		auth,
		// A client in the background, as the product is; tests of presence switch it on.
		markOnlineOnConnect: false,
		shouldSyncHistoryMessage: () => false,
		...options.config,
	});
	return new Client(socket, auth, agent);
}

let unreffed = false;

/**
 * Baileys leaves long timers behind (30 s after every pre-key upload, for one) that would keep the
 * test process alive. They still fire, they just don't hold it.
 */
function unrefLongTimers(): void {
	if (unreffed) return;
	unreffed = true;
	const original = globalThis.setTimeout;
	const replacement = (task: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
		const timer = original(task, ms, ...args);
		if ((ms ?? 0) >= 5_000) timer.unref();
		return timer;
	};
	globalThis.setTimeout = Object.assign(replacement, original);
}

/** For what goes through fetch: media downloads. In a process of its own NODE_EXTRA_CA_CERTS does it. */
export function trust(caPem: string): void {
	const known = getCACertificates('default');
	if (!known.includes(caPem)) setDefaultCACertificates([...known, caPem]);
}

/** libsignal prints whole sessions, private keys and all, on ordinary events. */
function silenceLibsignal(): void {
	const quiet = () => {};
	for (const name of ['info', 'warn', 'error', 'log'] as const) {
		const original = console[name];
		if (original.name === 'withoutSessions') continue;
		const withoutSessions = (...args: unknown[]) => {
			const isSession = typeof args[0] === 'string' && /session|decrypt/i.test(args[0]);
			(isSession ? quiet : original).apply(console, args as []);
		};
		console[name] = withoutSessions;
	}
}

function memoryAuth(baileys: Baileys): MemoryAuth {
	const store = new Map<string, unknown>();
	const keys: SignalKeyStore = {
		get: <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
			const found: { [id: string]: SignalDataTypeMap[T] } = {};
			for (const id of ids) {
				const value = store.get(`${type}:${id}`);
				if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
			}
			return found;
		},
		set: (data: SignalDataSet) => {
			for (const [type, values] of Object.entries(data)) {
				for (const [id, value] of Object.entries(values ?? {})) {
					if (value === null || value === undefined) store.delete(`${type}:${id}`);
					else store.set(`${type}:${id}`, value);
				}
			}
		},
	};
	return { creds: baileys.initAuthCreds(), keys };
}
