/**
 * Why a socket closed and what follows. Codes: Baileys rc14 `DisconnectReason` and the stream errors
 * and failures behind it (lib/Socket/socket.js, lib/Utils/generics.js).
 */
import { LinkedError, type ErrorCode } from '../errors';

/**
 * - `restart`: connect again at once (normal after pairing).
 * - `retry`: a passing fault, connect again with backoff.
 * - `stop`: connecting again by itself would be useless or harmful.
 */
export type Verdict = { action: 'restart' | 'retry' | 'stop'; error: LinkedError; status: number };

/** 515 after pairing; the server asks for a new connection. */
export const RESTART_REQUIRED = 515;
/** Another connection with the same session was accepted. */
export const REPLACED = 440;

const STOPS: Record<number, ErrorCode> = {
	401: 'logged-out',
	402: 'banned', // temporary ban (whatsmeow: ConnectFailureTempBanned)
	403: 'banned',
	406: 'banned', // whatsmeow: ConnectFailureUnknownLogout, seen with blocked numbers
	411: 'bad-session', // multi-device mismatch
	[REPLACED]: 'replaced',
};

/** After this many refusals of one kind in a row, "passing" is no longer believed. */
const BAD_SESSION_LIMIT = 5;

const TRUST_MESSAGES =
	/noise (leaf |intermediate )?certificate|noise certificate signature|certification match failed/i;
const TLS_CODES = new Set([
	'SELF_SIGNED_CERT_IN_CHAIN',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'CERT_HAS_EXPIRED',
]);

function statusOf(error: unknown): number {
	if (error && typeof error === 'object' && 'output' in error) {
		const { output } = error as { output?: { statusCode?: unknown } };
		if (typeof output?.statusCode === 'number') return output.statusCode;
	}
	return 0;
}

/** Walks `cause` and Boom's `data`, where Baileys keeps what the socket threw. */
function* chain(error: unknown): Generator<Error & { code?: unknown }> {
	for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
		yield at;
		at = at.cause ?? ('data' in at ? at.data : undefined);
	}
}

/**
 * @param error what Baileys gave as `lastDisconnect.error`
 * @param refusals how many times in a row the server closed with 500
 */
export function judge(error: unknown, refusals = 0): Verdict {
	const status = statusOf(error);
	const make = (code: ErrorCode) =>
		new LinkedError(code, { data: status ? { status } : undefined, cause: error });

	for (const { message, code } of chain(error)) {
		if (TRUST_MESSAGES.test(message) || (typeof code === 'string' && TLS_CODES.has(code))) {
			return { action: 'stop', error: make('untrusted-server'), status };
		}
	}
	const stop = STOPS[status];
	if (stop) return { action: 'stop', error: make(stop), status };
	if (status === RESTART_REQUIRED) return { action: 'restart', error: make('offline'), status };
	// Baileys reports every unknown stream error as 500, so one 500 proves nothing.
	if (status === 500 && refusals >= BAD_SESSION_LIMIT) {
		return { action: 'stop', error: make('bad-session'), status };
	}
	if (status === 408) return { action: 'retry', error: make('connect-timeout'), status };
	return { action: 'retry', error: make('offline'), status };
}
