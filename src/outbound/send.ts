/** safety -> lane -> perform -> server ack, for one message. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { loadBaileys } from '../baileys';
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import { refusalOf } from '../operations/asked';
import type { Command, SendRequest, SendResult } from '../operations/types';
import type { Session } from '../session/session';
import type { WASocket } from '../session/socket';
import type { Acks } from './acks';
import type { Lanes } from './lanes';
import type { Outgoing, Pass, SafetyGate } from './safety';
import { rejection } from './rejection';
import { isNewsletter } from '../wa/ids';
import { relayPost, wireIdOf } from './channelPost';
import { stanzaParts } from './stanza';
import { showTyping } from './typing';

/** How long the server may take to acknowledge; usually well under a second. */
const ACK_MS = 15_000;
/** Baileys' status for a connection that is closed (DisconnectReason.connectionClosed). */
const CLOSED = 428;
/** How soon a closed connection is looked at again. */
const NOTICE_MS = 50;
/** How long a message waits for the connection to come (back). */
const CONNECT_MS = 30_000;

/** WebMessageInfo.Status: WhatsApp has it. */
const SERVER_ACK = 2;

export interface SendDeps {
	session: Session;
	lanes: Lanes;
	acks: Acks;
	safety: SafetyGate;
	messages: {
		keepOwn(message: WAMessage): Promise<void>;
		applied(message: WAMessage): Promise<void>;
	};
	clock: Clock;
	log: Log;
	/** n8n stops, or nobody wants it any more: what has not gone out must not go out. */
	signal: AbortSignal;
	/** Throws lease-lost when another process owns the number. */
	assertOwner(): void;
	/** Notes that this id is ours, so that its echo is not taken for a message from the phone. */
	onSend(id: string): void;
}

/** @throws LinkedError `restricted`, `rejected`, `safety-limit`, or why there is no connection. */
export async function send(
	deps: SendDeps,
	command: Command,
	id: string,
	request: SendRequest,
): Promise<SendResult> {
	const { to } = request;
	const message = 'message' in request ? request.message : undefined;
	const outgoing: Outgoing = { to, id, command, message };
	if (command.safety?.dryRun) return await dryRun(deps, outgoing);
	return await deps.lanes.run(to, async () => {
		const pass = await deps.safety.pass(outgoing, deps.signal);
		try {
			await prelude(deps, request, pass.typingMs);
			return await deps.lanes.limited(async () => await transmit(deps, command, id, request, pass));
		} catch (error) {
			if (!LinkedError.from(error).certain) pass.sent('unknown');
			throw error;
		} finally {
			pass.unused();
		}
	});
}

async function dryRun(deps: SendDeps, outgoing: Outgoing): Promise<SendResult> {
	return {
		messageId: outgoing.id,
		chat: outgoing.to,
		timestamp: new Date(deps.clock.now()).toISOString(),
		status: 'dryRun',
		dryRun: true,
		decision: (await deps.safety.preview([outgoing]))[0],
	};
}

/** Sends it, again where the socket went away under it, and waits for the server's word. */
async function transmit(
	deps: SendDeps,
	command: Command,
	id: string,
	request: SendRequest,
	pass: Pass,
): Promise<SendResult> {
	const { to } = request;
	let own: WAMessage | undefined;
	const isPost = isNewsletter(to) && 'message' in request;
	// The edit of a post goes by the post's id.
	const wireId = (isPost && wireIdOf(request.message)) || id;
	const deadline = Math.min(command.deadline, deps.clock.now() + ACK_MS + CONNECT_MS);
	for (let sent = false; ; sent = true) {
		const socket = await openSocket(deps, deadline, sent);
		const expected = deps.acks.expect(wireId);
		deps.onSend(wireId);
		try {
			if ('message' in request) {
				if (!own) {
					own = await wrap(socket, id, request);
					keep(deps, own);
				}
				await relay(socket, own, request);
			} else {
				await socket.sendMessage(to, request.content, { ...request.options, messageId: id });
			}
		} catch (error) {
			expected.forget();
			if (deps.session.openSocket === socket) {
				if (refusalOf(error) !== CLOSED) throw LinkedError.from(error);
				// Baileys knows a moment before the session does.
				await deps.clock.sleep(NOTICE_MS, deps.signal);
			}
			// The socket went away under it; the same id makes a second try harmless.
			continue;
		}
		const ack = await expected.result(Math.max(1, Math.min(ACK_MS, deadline - deps.clock.now())));
		if (ack.kind === 'accepted') {
			pass.sent('accepted');
			if (own) afterwards(deps, socket, own, true);
			return {
				messageId: wireId,
				chat: to,
				timestamp: new Date(ack.at).toISOString(),
				status: 'accepted',
				...(ack.serverId ? { serverId: ack.serverId } : {}),
			};
		}
		if (ack.kind === 'rejected') {
			pass.rejected(ack.status);
			throw rejection(ack.status);
		}
		if (ack.kind === 'closed' && deps.clock.now() < deadline) continue;
		pass.sent('unknown');
		const timestamp = new Date(deps.clock.now()).toISOString();
		if (own) afterwards(deps, socket, own);
		return { messageId: wireId, chat: to, timestamp, status: 'unknown' };
	}
}

/**
 * The socket to send through, at the last moment before it is sent.
 * @param sent it may have gone out already: then a failure does not mean that it did not
 */
async function openSocket(deps: SendDeps, deadline: number, sent: boolean): Promise<WASocket> {
	const left = deadline - deps.clock.now();
	try {
		if (left <= 0) {
			throw new LinkedError('owner-unreachable', { detail: 'Its time was up before it was sent.' });
		}
		deps.signal.throwIfAborted();
		const socket = await deps.session.whenOpen(Math.min(left, CONNECT_MS), deps.signal);
		deps.assertOwner();
		return socket;
	} catch (error) {
		const { code } = LinkedError.from(error);
		// These two are done again by the next owner, under the same id.
		if (!sent || code === 'lease-lost' || code === 'closing') throw error;
		throw new LinkedError('no-answer', { cause: error });
	}
}

/** What a person sees before the message, e.g. "typing...". */
async function prelude(deps: SendDeps, request: SendRequest, typingMs: number): Promise<void> {
	if (!request.before && typingMs <= 0) return;
	const socket = await deps.session.whenOpen(CONNECT_MS, deps.signal);
	try {
		await (request.before?.(socket) ?? showTyping(deps, socket, request.to, typingMs));
	} catch (error) {
		deps.signal.throwIfAborted();
		deps.log.debug('typing could not be shown', { error: errorName(error) });
	}
}

/**
 * Kept for the retries that peers ask for. Not waited for: this write is begun before those of the
 * sessions that the message is encrypted with, and without them nothing goes out.
 */
function keep(deps: SendDeps, own: WAMessage): void {
	deps.messages.keepOwn(own).catch((error: unknown) => {
		deps.log.warn('a message could not be kept for retries', { error: errorName(error) });
	});
}

type OwnRequest = Extract<SendRequest, { message: unknown }>;

/** The message as WhatsApp Web stores it, with quote and timer. */
async function wrap(socket: WASocket, id: string, request: OwnRequest): Promise<WAMessage> {
	const { generateWAMessageFromContent, jidNormalizedUser } = await loadBaileys();
	const { id: phone = '', lid } = socket.authState.creds.me ?? {};
	// Quotes of own messages name us in the form in which the chat names people.
	const me = request.to.endsWith('@s.whatsapp.net') ? phone : (lid ?? phone);
	return generateWAMessageFromContent(request.to, request.message, {
		userJid: jidNormalizedUser(me),
		quoted: request.quoted,
		ephemeralExpiration: request.expiresAfter || undefined,
		messageId: id,
	});
}

async function relay(socket: WASocket, own: WAMessage, request: OwnRequest): Promise<void> {
	if (!own.message) return;
	if (isNewsletter(request.to)) {
		await relayPost(socket, request.to, own, request.mediaHandle);
		return;
	}
	await socket.relayMessage(request.to, own.message, {
		messageId: own.key.id ?? undefined,
		statusJidList: request.audience,
		...stanzaParts(own.message),
	});
}

/**
 * What Baileys' sendMessage does after sending: our own listeners hear of the message too, and whether
 * WhatsApp has taken it.
 */
function afterwards(deps: SendDeps, socket: WASocket, own: WAMessage, taken = false): void {
	const failed = (error: unknown) =>
		deps.log.warn('a sent message could not be noted', { error: errorName(error) });
	if (taken) own.status = SERVER_ACK;
	deps.messages.applied(own).catch(failed);
	socket.messageMutex.mutex(async () => await socket.upsertMessage(own, 'append')).catch(failed);
}
