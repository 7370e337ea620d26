/**
 * Keeps a fault inside Baileys from ending n8n. Baileys registers async listeners that nobody awaits;
 * when one fails (a socket that closes while it answers, a storage that is away) the rejection is
 * unhandled, and Node ends a process for that. n8n 2.41 has no handler of its own.
 */
import type { WASocket } from '@whiskeysockets/baileys';
import { EventEmitter } from 'node:events';
import { errorName, type Log } from '../log';

const REJECTION = Symbol.for('nodejs.rejection');
const INSTALLED = Symbol.for('n8n-nodes-whatsapp-linked/rejections');

/**
 * Makes a socket whose emitters hand rejections of their listeners to the log. Node reads
 * `captureRejections` when an emitter is made, and making a socket is synchronous, so nobody else's
 * emitters are touched.
 */
export function makeGuarded(make: () => WASocket, log: Log): WASocket {
	const before = EventEmitter.captureRejections;
	EventEmitter.captureRejections = true;
	let socket: WASocket;
	try {
		socket = make();
	} finally {
		EventEmitter.captureRejections = before;
	}
	const note = (error: unknown) => {
		log.debug('a handler of Baileys failed', { error: errorName(error) });
	};
	Object.defineProperty(socket.ws, REJECTION, { value: note });
	// Baileys' event buffer hides its emitter, which turns a rejection into an `error` event.
	const buffer = socket.ev as unknown as {
		on(event: 'error', listener: (error: unknown) => void): void;
	};
	buffer.on('error', note);
	return socket;
}

/** Where a rejection comes from, as far as its stack tells. */
function isOurs(reason: unknown): boolean {
	const stack = reason instanceof Error ? (reason.stack ?? '') : '';
	return /[\\/](@whiskeysockets[\\/]baileys|libsignal)[\\/]/.test(stack);
}

/**
 * The last net: promises that Baileys drops outside of emitters. Rejections of anybody else keep
 * ending the process as they would without us, unless somebody else listens too.
 */
export function catchStrayRejections(log: Log): void {
	const marked = process as unknown as { [INSTALLED]?: true };
	if (marked[INSTALLED]) return;
	marked[INSTALLED] = true;
	process.on('unhandledRejection', (reason) => {
		if (isOurs(reason)) {
			log.debug('a promise of Baileys failed', { error: errorName(reason) });
			return;
		}
		if (process.listenerCount('unhandledRejection') === 1) throw reason;
	});
}
