/**
 * What WhatsApp's numbers mean. The same number means different things in the ack of a message, in
 * the answer to a query, and beside a participant of a group, hence three tables.
 *
 * `known` says where a meaning comes from:
 * - `wa-web`: WhatsApp Web's own code (NackReason in WAWebCreateNackFromStanza, and its handling)
 * - `baileys`: Baileys 7.0.0-rc14, lib/Utils/decode-wa-message.js and lib/Socket/messages-recv.js
 * - `whatsmeow`: its IQ error table
 * - `wwebjs`: whatsapp-web.js, Group.addParticipants
 * - `reports`: observed and described in public issues of Baileys, whatsmeow or whatsapp-rust
 * - `belief`: not confirmed; derived from what the number means in HTTP
 */
export type KnownFrom = 'wa-web' | 'baileys' | 'whatsmeow' | 'wwebjs' | 'reports' | 'belief';

export interface CodeInfo {
	code: number;
	/** Short stable name. */
	name: string;
	/** One sentence for people, without a full stop. */
	meaning: string;
	/** Whether the same request can succeed later without anybody changing anything. */
	retry: 'later' | 'never';
	known: KnownFrom;
}

type Table = Readonly<Record<number, Omit<CodeInfo, 'code'>>>;

const row = (
	name: string,
	meaning: string,
	known: KnownFrom,
	retry: CodeInfo['retry'] = 'never',
): Omit<CodeInfo, 'code'> => ({ name, meaning, retry, known });

/** `error` of the ack that the server answers a message with. */
const ACKS: Table = {
	400: row('bad-request', 'WhatsApp could not make sense of the message', 'reports'),
	401: row('not-authorized', 'this number may not do this', 'belief'),
	403: row('forbidden', 'this number may not write here', 'belief'),
	404: row('not-found', 'the chat does not exist any more', 'belief'),
	405: row('not-allowed', 'WhatsApp does not allow this message here', 'reports'),
	406: row('not-acceptable', 'WhatsApp does not accept the content of the message', 'belief'),
	408: row('timeout', 'WhatsApp took too long with the message', 'belief', 'later'),
	409: row('conflict', 'the list of devices or members was out of date', 'belief', 'later'),
	421: row(
		'stale-group-addressing',
		'the group addresses its members in another way by now; it is asked for anew',
		'wa-web',
		'later',
	),
	429: row('rate-limited', 'too many requests in a short time', 'belief', 'later'),
	463: row(
		'account-restricted',
		'WhatsApp restricts this number from starting new chats (a token of an earlier chat is missing)',
		'baileys',
	),
	475: row('new-chats-capped', 'this number has used up its new chats for now', 'wa-web', 'later'),
	479: row(
		'invalid-stanza',
		'WhatsApp found the message malformed, mostly because of an out-of-date device or address',
		'wa-web',
		'later',
	),
	487: row('parsing-error', 'the message could not be parsed', 'wa-web'),
	488: row('unrecognized-stanza', 'the message has an unknown form', 'wa-web'),
	489: row('unrecognized-class', 'the message has an unknown class', 'wa-web'),
	490: row('unrecognized-type', 'the message has an unknown type', 'wa-web'),
	491: row('invalid-protobuf', 'the content of the message is damaged', 'wa-web'),
	493: row('invalid-hosted-stanza', 'a hosted device sent what it may not send', 'wa-web'),
	495: row('missing-message-secret', 'the secret of the message is missing', 'wa-web'),
	496: row('old-counter', 'the message repeats an old encryption counter', 'wa-web'),
	499: row('deleted-on-peer', 'the message was deleted by the receiver', 'wa-web'),
	500: row('unhandled-error', 'an unexpected error at WhatsApp', 'wa-web', 'later'),
	503: row('service-unavailable', 'WhatsApp is overloaded or down', 'belief', 'later'),
	550: row('unsupported-admin-revoke', 'admins cannot delete this message', 'wa-web'),
	551: row(
		'unsupported-lid-group',
		'the group hides phone numbers, which is not supported',
		'wa-web',
	),
	552: row('database-error', 'the receiver could not store the message', 'wa-web', 'later'),
};

/** `code` of an error that answers a query (iq): groups, profile, privacy and so on. */
const QUERIES: Table = {
	400: row('bad-request', 'WhatsApp could not make sense of the request', 'whatsmeow'),
	401: row('not-authorized', 'this number has not the right to do this', 'whatsmeow'),
	403: row('forbidden', 'this number may not do this (is it a member, an admin?)', 'whatsmeow'),
	404: row('item-not-found', 'there is no such chat, group, person or picture', 'whatsmeow'),
	405: row('not-allowed', 'WhatsApp does not allow this here', 'whatsmeow'),
	406: row('not-acceptable', 'WhatsApp does not accept this value', 'whatsmeow'),
	408: row('timeout', 'WhatsApp did not answer in time', 'baileys', 'later'),
	409: row('conflict', 'it was changed by somebody else in the meantime', 'belief', 'later'),
	410: row('gone', 'it is gone, for example a revoked invite link', 'whatsmeow'),
	419: row('resource-limit', 'a limit is reached, for example of members of a group', 'whatsmeow'),
	423: row('locked', 'it is locked', 'whatsmeow'),
	429: row('rate-overlimit', 'too many requests in a short time', 'whatsmeow', 'later'),
	500: row('internal-server-error', 'an unexpected error at WhatsApp', 'whatsmeow', 'later'),
	503: row('service-unavailable', 'WhatsApp is overloaded or down', 'whatsmeow', 'later'),
	530: row('partial-server-error', 'an error in a part of WhatsApp', 'whatsmeow', 'later'),
};

/** `error` beside each participant that was added, removed, promoted or demoted. */
const PARTICIPANTS: Table = {
	200: row('ok', 'done', 'wwebjs'),
	401: row('blocked', 'this person has blocked this number', 'belief'),
	403: row('invite-only', 'this person can only be invited with a private link', 'wwebjs'),
	404: row('not-found', 'this person is not on WhatsApp or not in the group', 'wwebjs'),
	408: row('left-recently', 'this person left the group recently', 'wwebjs', 'later'),
	409: row('already-member', 'this person is in the group already', 'wwebjs'),
	417: row('community-invite-only', 'this person can only be invited to the community', 'wwebjs'),
	419: row('group-full', 'the group is full', 'wwebjs'),
	500: row('internal-server-error', 'an unexpected error at WhatsApp', 'belief', 'later'),
};

/** What the error code in the ack of a message means; answers for unknown codes too. */
export const ackInfo = (code: number | string): CodeInfo => lookUp(ACKS, code);

/** What the error code of a query means; answers for unknown codes too. */
export const queryInfo = (code: number | string): CodeInfo => lookUp(QUERIES, code);

/** What the code beside a participant means; answers for unknown codes too. */
export const participantInfo = (code: number | string): CodeInfo => lookUp(PARTICIPANTS, code);

/** The meaning of an ack's error code in words. */
export const ackMeaning = (code: number | string): string => ackInfo(code).meaning;

function lookUp(table: Table, given: number | string): CodeInfo {
	const code = Number(given);
	const known = Object.hasOwn(table, code) ? table[code] : undefined;
	if (known) return { code, ...known };
	return {
		code: Number.isInteger(code) ? code : 0,
		name: 'unknown',
		meaning: 'a reason that is not known to this version',
		// Repeating what was refused for reasons unknown is what gets numbers banned.
		retry: 'never',
		known: 'belief',
	};
}
