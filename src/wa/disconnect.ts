/**
 * Why a connection ended and what follows from it. Codes as Baileys 7.0.0-rc14 reports them
 * (DisconnectReason in lib/Types/index.js, stream errors in lib/Utils/generics.js, `failure` in
 * lib/Socket/socket.js); meanings of `failure` codes that Baileys has no name for come from
 * whatsmeow's ConnectFailureReason.
 */

export type DisconnectClass =
	/** Connect again after a while, with growing pauses. */
	| 'transient'
	/** Connect again at once; part of normal life. */
	| 'restart'
	/** Do not connect again by yourself: somebody has to do something. */
	| 'stop';

/** Codes of src/errors. */
export type DisconnectErrorCode =
	| 'offline'
	| 'connect-timeout'
	| 'logged-out'
	| 'banned'
	| 'replaced'
	| 'bad-session'
	| 'pairing-expired'
	| 'unexpected';

export interface DisconnectInfo {
	code: number;
	/** Short stable name for status and log. */
	name: string;
	class: DisconnectClass;
	/** What people are told; null when there is nothing to tell. */
	errorCode: DisconnectErrorCode | null;
	/** One sentence: what happened. */
	meaning: string;
	/** The stored session is worthless from now on. */
	sessionGone: boolean;
	/** When it happens again and again without a connection in between, it means this instead. */
	ifItStays?: DisconnectErrorCode;
}

type Entry = Omit<DisconnectInfo, 'code'>;

const entry = (
	name: string,
	kind: DisconnectClass,
	errorCode: DisconnectErrorCode | null,
	meaning: string,
	more: Partial<Pick<Entry, 'sessionGone' | 'ifItStays'>> = {},
): Entry => ({ name, class: kind, errorCode, meaning, sessionGone: false, ...more });

const REASONS: Readonly<Record<number, Entry>> = {
	400: entry('refused', 'transient', 'offline', 'WhatsApp refused the connection.'),
	401: entry('logged-out', 'stop', 'logged-out', 'The phone unlinked this device.', {
		sessionGone: true,
	}),
	402: entry('temporarily-banned', 'stop', 'banned', 'WhatsApp has banned this number for a time.'),
	// whatsmeow: "main device gone", now LOCKED in WhatsApp Web; follows bans and moved phones alike.
	403: entry('locked', 'stop', 'banned', 'WhatsApp refuses this number or its phone is gone.'),
	405: entry(
		'client-outdated',
		'stop',
		'unexpected',
		'WhatsApp does not accept this version of its web protocol any more; update this package.',
	),
	406: entry('banned', 'stop', 'banned', 'WhatsApp has banned this number.'),
	408: entry('timed-out', 'transient', 'connect-timeout', 'WhatsApp did not answer in time.'),
	409: entry(
		'bad-user-agent',
		'stop',
		'unexpected',
		'WhatsApp does not accept how this device describes itself.',
	),
	411: entry(
		'multi-device-mismatch',
		'stop',
		'bad-session',
		'The phone does not allow linked devices of this kind.',
	),
	413: entry('token-expired', 'transient', 'offline', 'A token of the connection has expired.'),
	414: entry('token-invalid', 'transient', 'offline', 'A token of the connection is not valid.'),
	415: entry('not-found', 'transient', 'offline', 'WhatsApp did not find what it connects to.', {
		ifItStays: 'bad-session',
	}),
	428: entry('connection-closed', 'transient', 'offline', 'The connection was closed.'),
	429: entry('rate-limited', 'transient', 'offline', 'WhatsApp asks to connect less often.'),
	440: entry('replaced', 'stop', 'replaced', 'Another program took over this linked device.'),
	// Baileys reports every stream error without a code as 500 "bad session", and `failure` 500 is an
	// error of the server (whatsmeow connects again); so it is believed only when it stays.
	500: entry('server-error', 'transient', 'offline', 'WhatsApp ended the connection.', {
		ifItStays: 'bad-session',
	}),
	501: entry('experimental', 'transient', 'offline', 'WhatsApp ended the connection.'),
	503: entry('unavailable', 'transient', 'offline', 'WhatsApp is overloaded or down.'),
	515: entry(
		'restart-required',
		'restart',
		null,
		'WhatsApp asks to connect anew, as after linking.',
	),
};

/** Texts by which Baileys tells apart what shares a code. */
const BY_MESSAGE: ReadonlyArray<{ code: number; text: RegExp; entry: Entry }> = [
	{
		code: 408,
		text: /QR refs attempts ended/i,
		entry: entry('pairing-expired', 'stop', 'pairing-expired', 'The code was not used in time.'),
	},
	{
		code: 401,
		text: /Intentional Logout/i,
		entry: entry('logged-out-here', 'stop', null, 'This device was logged out here.', {
			sessionGone: true,
		}),
	},
];

/**
 * What a disconnect means.
 * @param code statusCode of the Boom in `connection.update`'s lastDisconnect; undefined when the
 * connection ended without one (a network error, for example).
 * @param message its message, which tells apart reasons that share a code.
 */
export function disconnectInfo(code: number | undefined, message = ''): DisconnectInfo {
	const special = BY_MESSAGE.find((each) => each.code === code && each.text.test(message));
	if (special) return { code: special.code, ...special.entry };
	const known = code !== undefined && Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
	return {
		code: code ?? 0,
		...(known ?? entry('connection-lost', 'transient', 'offline', 'The connection was lost.')),
	};
}
