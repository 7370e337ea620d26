/** Why a socket closed and what the session does about it. The meanings are in wa/disconnect.ts. */
import { LinkedError, type ErrorCode } from '../errors';
import { disconnectInfo } from '../wa/disconnect';

/**
 * - `restart`: connect again at once (normal after pairing).
 * - `retry`: a passing fault, connect again with backoff.
 * - `stop`: connecting again by itself would be useless or harmful.
 */
export interface Verdict {
	action: 'restart' | 'retry' | 'stop';
	error: LinkedError;
	status: number;
}

/** Another connection with the same session was accepted. */
export const REPLACED = 440;

/** After this many refusals of one kind in a row, "passing" is no longer believed. */
const REFUSALS = 5;

/** What Baileys' noise handler throws, and Node's TLS for a certificate it does not trust. */
const TRUST_MESSAGES = /noise (leaf |intermediate )?certificate|certification match failed/i;
const TLS_CODES: ReadonlySet<unknown> = new Set([
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

/** The error and what is behind it: `cause`, and Boom's `data`, where Baileys keeps what a socket threw. */
function* chain(error: unknown): Generator<Error & { code?: unknown }> {
	for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
		yield at;
		at = at.cause ?? ('data' in at ? at.data : undefined);
	}
}

/**
 * @param error what Baileys gave as `lastDisconnect.error`
 * @param refusals how often in a row the server closed with this status before
 */
export function judge(error: unknown, refusals = 0): Verdict {
	const status = statusOf(error);
	const make = (code: ErrorCode, detail?: string) =>
		new LinkedError(code, { detail, data: status ? { status } : undefined, cause: error });

	for (const each of chain(error)) {
		// Ours: a storage that is away passes, a setting that cannot be used does not.
		if (each instanceof LinkedError) {
			return { action: each.retry === 'later' ? 'retry' : 'stop', error: each, status };
		}
		if (TRUST_MESSAGES.test(each.message) || TLS_CODES.has(each.code)) {
			return { action: 'stop', error: make('untrusted-server'), status };
		}
	}
	const info = disconnectInfo(status || undefined, error instanceof Error ? error.message : '');
	const code = info.errorCode ?? 'offline';
	if (info.class === 'stop') {
		return {
			action: 'stop',
			error: make(code, code === 'unexpected' ? info.meaning : undefined),
			status,
		};
	}
	if (info.class === 'restart') return { action: 'restart', error: make('offline'), status };
	if (info.ifItStays && refusals >= REFUSALS) {
		return { action: 'stop', error: make(info.ifItStays), status };
	}
	return { action: 'retry', error: make(code), status };
}
