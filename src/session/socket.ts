/** Makes one Baileys socket with the settings this project has decided on. */
import type { Boom } from '@hapi/boom';
import type {
	AuthenticationState,
	BaileysEventMap,
	CacheStore,
	GroupMetadata,
	proto,
	SignalAuthState,
	SignalRepositoryWithLIDStore,
	WAMessageKey,
	WASocket,
} from '@whiskeysockets/baileys';
import type { Agent } from 'node:https';
import { loadBaileys } from '../baileys';
import type { Clock } from '../clock';
import { skipForgedBundles } from '../crypto/forgedBundles';
import { LinkedError } from '../errors';
import type { Log } from '../log';
import type { AccountSettings } from '../settings';
import { baileysLog } from './baileysLog';
import { readEndpoint } from './endpoint';
import { makeGuarded, catchStrayRejections } from './guard';
import { isolate } from './isolate';
import { closed, Output, type RawSocket, type Stored } from './output';
import { keepOwnName } from './ownName';
import { keepPrivacyTokens } from './privacyTokens';
import { proxyAgent } from './proxy';
import { steadfast } from './steadfast';

export type { WASocket };

/** What other rooms put into a socket without the session knowing them. */
export interface SocketHooks {
	/** Content of a message we sent or received, for retries and poll votes (Baileys' getMessage). */
	getMessage(key: WAMessageKey): Promise<proto.IMessage | undefined>;
	/** Cached group metadata, so that a send to a group asks the server nothing. */
	groupMetadata(jid: string): Promise<GroupMetadata | undefined>;
	/** May wrap the signal repository, e.g. to journal plaintexts. `auth.keys` has transactions. */
	wrapRepository(
		repository: SignalRepositoryWithLIDStore,
		auth: SignalAuthState,
	): SignalRepositoryWithLIDStore;
	/** Called once for each new socket, before any event. */
	onSocket(socket: WASocket, auth: AuthenticationState): void;
	/** Every event at the moment Baileys emits it, before Baileys' buffer; see tap(). */
	onEvents(events: Partial<BaileysEventMap>, socket: WASocket): void;
}

export interface SocketOptions {
	settings: AccountSettings;
	auth: AuthenticationState;
	hooks: SocketHooks;
	log: Log;
	/** Outlives sockets, so that retry counters survive a reconnect (Baileys' advice). */
	retryCounters: CacheStore;
	/**
	 * False when another process owns the number: from then on nothing goes out, whatever Baileys is
	 * in the middle of.
	 */
	mayWrite(): boolean;
	clock: Clock;
	/** What has to be stored before anything may go out. */
	stored: Stored;
	/** Aborted when this socket is given up. */
	signal: AbortSignal;
	/** A stored key cannot be read. */
	onDamage(error: LinkedError): void;
	/** Link with a code typed on the phone; WhatsApp then wants a browser name it knows. */
	withCode: boolean;
}

/** Opens a socket; it connects by itself and reports through `ev`. */
export async function openSocket(options: SocketOptions): Promise<WASocket> {
	const { settings, auth, hooks, log } = options;
	const baileys = await loadBaileys();
	catchStrayRejections(log);
	const endpoint = readEndpoint();
	// An exported, writable buffer: the one thing that says which server is WhatsApp.
	if (endpoint.rootKey) baileys.WA_CERT_DETAILS.PUBLIC_KEY.set(endpoint.rootKey);
	const agent: Agent | undefined = settings.proxy ? await proxyAgent(settings.proxy) : undefined;

	const keys = steadfast(auth.keys, options);
	const make = () =>
		baileys.makeWASocket({
			...(endpoint.url ? { waWebSocketUrl: endpoint.url } : {}),
			auth: { creds: auth.creds, keys },
			agent,
			fetchAgent: agent,
			logger: baileysLog(log),
			// whatsmeow's PairPhone documents that the server checks "Browser (OS)" when linking by code.
			browser: options.withCode
				? baileys.Browsers.macOS('Chrome')
				: [settings.deviceName, 'Chrome', '140.0.0'],
			// Otherwise the phone stops notifying its owner.
			markOnlineOnConnect: false,
			syncFullHistory: false,
			generateHighQualityLinkPreview: false,
			emitOwnEvents: true,
			msgRetryCounterCache: options.retryCounters,
			getMessage: (key) => hooks.getMessage(key),
			cachedGroupMetadata: (jid) => hooks.groupMetadata(jid),
			// The storage is patient itself. What it could not write after that must not be tried again
			// behind our back, when another state of the session may be there.
			transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
			makeSignalRepository: (...given) =>
				hooks.wrapRepository(
					// One group member with a forged pre-key must not fail the send to everybody.
					skipForgedBundles(
						isolate(baileys.DEFAULT_CONNECTION_CONFIG.makeSignalRepository(...given)),
						() => log.warn('a device with a forged pre-key was left out'),
					),
					given[0],
				),
		});
	const socket = makeGuarded(make, log);
	const output = guard(socket, options);
	outputs.set(socket, output);
	keepPrivacyTokens(socket);
	keepOwnName(socket);
	endSends(socket, output, options.signal);
	tap(socket, (events) => {
		hooks.onEvents(options.signal.aborted ? heardAfterEnd(events) : events, socket);
	});
	return socket;
}

/** What has not gone out yet, by its socket. */
const outputs = new WeakMap<WASocket, Output>();

/** The WebSocket of `ws` inside Baileys' client; rc14 makes it in makeWASocket() and keeps it. */
const rawOf = (socket: WASocket): RawSocket | undefined =>
	(socket.ws as unknown as { socket?: RawSocket | null }).socket ?? undefined;

/**
 * Asks before every single frame. A process that slept through its lease wakes up in the middle of
 * anything, a login too, which would throw the new owner out.
 */
function guard(
	socket: WASocket,
	{ mayWrite, stored }: Pick<SocketOptions, 'mayWrite' | 'stored'>,
): Output {
	const raw = rawOf(socket);
	if (!raw) throw new LinkedError('unexpected', { detail: 'The socket cannot be guarded.' });
	const send = raw.send.bind(raw);
	const guarded: RawSocket['send'] = (data, done) => {
		if (mayWrite()) {
			send(data, done);
			return;
		}
		raw.terminate();
		done?.(new LinkedError('lease-lost'));
	};
	const output = new Output(raw, guarded, stored);
	raw.send = (data, done) => output.take(data, done);
	const close = raw.close.bind(raw);
	raw.close = (...given) => output.close(() => close(...given));
	return output;
}

/** Ends the connection this instant: nothing that Baileys still does can reach WhatsApp. */
export function cutSocket(socket: WASocket): void {
	const raw = rawOf(socket);
	if (!raw) return;
	raw.send = (_data, done) => done?.(new LinkedError('offline'));
	raw.terminate();
}

/**
 * Hears events as they are emitted. Baileys buffers them while it syncs, for up to 20 s after the
 * first connection, and folds buffered ones into each other: an early receipt disappears in the
 * message it belongs to, an own revoke rewrites its key. All of rc14 emits through this object.
 */
function tap(socket: WASocket, listener: (events: Partial<BaileysEventMap>) => void): void {
	const { ev } = socket;
	const emit = ev.emit.bind(ev);
	ev.emit = (event, data) => {
		listener({ [event]: data });
		return emit(event, data);
	};
}

/**
 * Whoever waits for an answer of the server hears that none comes. When it closes a socket itself,
 * rc14 takes its listeners away first, and a query would wait for the rest of its minute.
 */
function endQueries({ ws }: WASocket): void {
	if (ws.listenerCount('error') === 0) return;
	ws.emit('error', closed());
}

/**
 * Whoever sends is told when it is out, or when the socket is given up. What Baileys does then may never
 * end: it waits in line for sessions and keys behind what stood still with its storage, and the next
 * message to the chat would wait behind it.
 */
function endSends(socket: WASocket, output: Output, signal: AbortSignal): void {
	const through =
		<Given extends unknown[], T>(send: (...given: Given) => Promise<T>) =>
		async (...given: Given): Promise<T> => {
			const result = await send(...given);
			await output.passed();
			return result;
		};
	// One listener for all of them: a signal and its error for each would cost more than a cipher does.
	const waiting = new Set<(error: Boom) => void>();
	const end = () => {
		for (const giveUp of waiting) giveUp(closed());
	};
	signal.addEventListener('abort', end, { once: true });
	const bounded =
		<Given extends unknown[], T>(send: (...given: Given) => Promise<T>) =>
		async (...given: Given): Promise<T> =>
			await new Promise<T>((resolve, reject) => {
				const settled =
					<V>(tell: (value: V) => void) =>
					(value: V) => {
						waiting.delete(reject);
						tell(value);
					};
				waiting.add(reject);
				if (signal.aborted) reject(closed());
				send(...given).then(settled(resolve), settled(reject));
			});
	socket.relayMessage = bounded(through(socket.relayMessage));
	socket.sendMessage = bounded(through(socket.sendMessage));
	socket.logout = through(socket.logout);
}

/** WebMessageInfo.StubType.CIPHERTEXT: what Baileys makes of a message that it cannot decrypt. */
const CIPHERTEXT = 2;

/**
 * What a socket that is given up still tells. Its keys stand still, so that it cannot decrypt: that is
 * no news, as the server sends such a message again.
 */
function heardAfterEnd(events: Partial<BaileysEventMap>): Partial<BaileysEventMap> {
	const upsert = events['messages.upsert'];
	if (!upsert) return events;
	const messages = upsert.messages.filter(({ messageStubType }) => messageStubType !== CIPHERTEXT);
	return { ...events, 'messages.upsert': { ...upsert, messages } };
}

/** Closes a socket without unlinking, and without waiting half a minute for a dead peer. */
export async function closeSocket(socket: WASocket, patienceMs = 1_000): Promise<void> {
	const passed = outputs.get(socket)?.passed();
	const ended = Promise.allSettled([socket.end(undefined), passed]);
	endQueries(socket);
	let timer: NodeJS.Timeout | undefined;
	const patience = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, patienceMs);
	});
	await Promise.race([ended, patience]);
	clearTimeout(timer);
	// Baileys waits for the peer's close frame; a peer that is gone would keep the TCP socket.
	rawOf(socket)?.terminate();
}
