/** What Redis, its client and the network say, as errors that people meet. */
import { type ErrorCode, LinkedError } from '../../errors';

export interface Failure {
	error: LinkedError;
	/** True when waiting may help: the server is away, starting, or changing roles. */
	passing: boolean;
	/** False when the command surely did not run. */
	mayHaveRun: boolean;
	/** True when this connection leads to the wrong server by now. */
	reconnect?: boolean;
}

const lasting = (code: ErrorCode, detail?: string): Failure => ({
	error: new LinkedError(code, { detail }),
	passing: false,
	mayHaveRun: false,
});

const away = (detail: string, mayHaveRun = false): Failure => ({
	error: new LinkedError('storage-unreachable', { detail }),
	passing: true,
	mayHaveRun,
});

/** Replies by their first word, https://redis.io/docs/latest/develop/reference/protocol-spec/ */
const REPLIES: Record<string, (message: string) => Failure> = {
	LEASELOST: () => lasting('lease-lost'),
	OOM: () => lasting('storage-full', 'Redis has reached its maxmemory.'),
	MISCONF: () => lasting('storage-full', 'Redis cannot write to its disk.'),
	WRONGPASS: () => lasting('storage-refused'),
	NOAUTH: () => lasting('storage-refused', 'Redis asks for a password.'),
	NOPERM: () => lasting('storage-refused', 'The Redis user may not do what is needed.'),
	LOADING: () => away('Redis is loading its data.'),
	BUSY: () => away('Redis is busy with a script.'),
	CLUSTERDOWN: () => away('The Redis cluster is down.'),
	TRYAGAIN: () => away('The Redis cluster is moving its keys.'),
	MOVED: () => away('The Redis cluster is moving its keys.'),
	MASTERDOWN: () => away('Redis has lost its primary.'),
	READONLY: () => ({ ...away('This Redis is a replica now.'), reconnect: true }),
	ERR: (message) => {
		if (/DB index|SELECT is not allowed/.test(message)) {
			return lasting('storage-settings', 'database is not one that this Redis has.');
		}
		if (/AUTH|invalid password|invalid username/.test(message)) {
			return lasting('storage-refused', 'Redis takes no password, or not this one.');
		}
		if (/not an integer/.test(message)) {
			return lasting('unexpected', 'A counter has a value that is no number.');
		}
		if (/cluster support disabled/.test(message)) {
			return lasting('storage-settings', 'url names a cluster, but this Redis is none.');
		}
		return lasting('unexpected');
	},
};

const CLOSED = 'It closed the connection; does it ask for TLS?';

const NETWORK: Record<string, string> = {
	ECONNREFUSED: 'Nothing answers at this address and port.',
	ECONNRESET: CLOSED,
	EPIPE: CLOSED,
	ENOTFOUND: 'The host name is not known.',
	EAI_AGAIN: 'The host name could not be looked up.',
	EHOSTUNREACH: 'There is no way to this host.',
	ENETUNREACH: 'There is no way to this network.',
	ETIMEDOUT: 'It did not answer in time.',
	ERR_SSL_WRONG_VERSION_NUMBER: 'The server does not speak TLS at this port.',
	EPROTO: 'TLS failed; does this port speak TLS?',
};

const TLS_CODE = /CERT|TLS|SSL|VERIFY|ISSUER/;

/** The first error of several: connecting to a name with two addresses fails with both. */
const first = (error: unknown): unknown =>
	error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;

/** Sorts what a command or a connection failed with. Never repeats the message: it may quote values. */
export function classify(thrown: unknown): Failure {
	const error = first(thrown);
	if (error instanceof LinkedError) return { error, passing: false, mayHaveRun: false };
	if (!(error instanceof Error)) return lasting('unexpected');
	const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
	if (NETWORK[code]) return away(NETWORK[code], true);
	if (TLS_CODE.test(code))
		return away(`The TLS certificate of Redis is not trusted (${code}).`, true);
	switch (error.constructor.name) {
		case 'ClientOfflineError':
		case 'ClientClosedError':
		case 'RootNodesUnavailableError':
			return away('There is no connection.');
		case 'SocketClosedUnexpectedlyError':
			return away(CLOSED, true);
		case 'ConnectionTimeoutError':
		case 'SocketTimeoutError':
		case 'TimeoutError':
			return away('It did not answer in time.', true);
		case 'DisconnectsClientError':
			return away('The connection was given up.', true);
		default: {
			const word = /^[A-Z]+/.exec(error.message)?.[0] ?? '';
			const reply = REPLIES[word]?.(error.message);
			if (reply) return reply;
			if (code !== '') return away(`The connection failed (${code}).`, true);
			return { error: LinkedError.from(error), passing: false, mayHaveRun: true };
		}
	}
}

/** Nothing came within the time; a server without TLS waits silently for more of our hello. */
export const noAnswer = (tls = false): Failure =>
	away(`It did not answer in time${tls ? '; does it speak TLS at this port?' : '.'}`, true);
