/**
 * The one catalogue of errors that people meet. Each entry says what happened in their words and
 * what to do next; code inside branches on the stable `code`, never on the text.
 */

/** What a caller may do with the same request later. */
export type Retry = 'later' | 'relink' | 'never';

export interface ErrorEntry {
	/** What happened, in the user's words. One sentence. */
	readonly what: string;
	/** The next step. One or two sentences. */
	readonly next: string;
	readonly retry: Retry;
	/** True when WhatsApp surely never got the request, so that doing it again cannot do it twice. */
	readonly certain: boolean;
}

const entry = (what: string, next: string, retry: Retry, certain = true): ErrorEntry => ({
	what,
	next,
	retry,
	certain,
});

export const CATALOGUE = {
	// Linking and the session
	'not-linked': entry(
		'This credential is not linked to a WhatsApp number yet.',
		'Open the credential, press Retry (or Save) and scan the QR code with WhatsApp > Linked devices.',
		'relink',
	),
	'logged-out': entry(
		'The phone unlinked this device.',
		'Open the credential and link the number again.',
		'relink',
	),
	banned: entry(
		'WhatsApp refuses this number (it may be banned or restricted).',
		'Open WhatsApp on the phone and read what it says there. Do not link again before that is cleared.',
		'never',
	),
	replaced: entry(
		'Another program took over this linked device.',
		'Make sure that only one n8n uses this credential, then run Session > Reconnect.',
		'later',
	),
	'bad-session': entry(
		'WhatsApp does not accept the stored session any more.',
		'Log out with Session > Log Out and link the number again.',
		'relink',
	),
	offline: entry(
		'WhatsApp could not be reached.',
		'Check the network and the proxy of this credential. The connection is retried by itself.',
		'later',
	),
	'connect-timeout': entry(
		'WhatsApp did not answer in time.',
		'Try again in a moment; if it stays so, check the network and the proxy of this credential.',
		'later',
	),
	'untrusted-server': entry(
		'The server that answered is not WhatsApp: its certificate is not signed by the expected key.',
		'Something between n8n and WhatsApp intercepts the connection. Check proxy and network; nothing was sent.',
		'never',
	),
	'pairing-refused': entry(
		'WhatsApp refused to link this device.',
		'Check the phone number, wait a minute and press Retry for a new code.',
		'later',
	),
	'pairing-expired': entry('The code was not used in time.', 'Press Retry for a new one.', 'later'),
	closing: entry('n8n is shutting down.', 'Run the workflow again when n8n is back.', 'later'),

	// Storage
	'storage-unreachable': entry(
		'The storage of this credential could not be reached.',
		'Check that Redis runs and that its address, user and password in the credential are right.',
		'later',
	),
	'storage-refused': entry(
		'Redis refused the user or password of this credential.',
		'Correct user and password in the credential.',
		'never',
	),
	'storage-full': entry(
		'The storage of this credential is full.',
		'Free disk space, or raise maxmemory of Redis and set its policy to noeviction.',
		'later',
	),
	'storage-settings': entry(
		'The storage settings of this credential cannot be used.',
		'Correct them in the credential.',
		'never',
	),
	'storage-in-use': entry(
		'Another n8n process already uses this embedded storage.',
		'Stop the other process, or choose Redis as storage in the credential to share the number.',
		'never',
	),
	'storage-damaged': entry(
		'The file of the embedded storage is damaged.',
		'Stop n8n and restore the file from a backup; without one, move it away and link again. Nothing was overwritten.',
		'never',
	),
	'storage-newer': entry(
		'The embedded storage was written by a newer version of this package.',
		'Install that version or a newer one again. Nothing was changed.',
		'never',
	),
	'storage-not-writable': entry(
		'The folder of the embedded storage cannot be read or written.',
		'Check that the user who runs n8n may write there and that the disk is healthy.',
		'later',
	),
	'embedded-in-queue-mode': entry(
		'Embedded storage cannot be used in queue mode: n8n workers would not see it.',
		'Choose Redis (or Automatic) as storage in the credential.',
		'never',
	),
	'wrong-key': entry(
		'The stored session cannot be decrypted with the encryption key of this n8n.',
		'Start n8n with the N8N_ENCRYPTION_KEY that was used when the number was linked. Nothing was changed.',
		'never',
	),
	'damaged-data': entry(
		'A stored value of this number is damaged.',
		'Restore the storage from a backup, or log out and link the number again. Nothing was overwritten.',
		'never',
	),
	'lease-lost': entry(
		'Another n8n process took over this number.',
		'Nothing to do: the other process goes on. Run the workflow again if it failed.',
		'later',
	),

	// Input
	'bad-credential': entry(
		'The credential has settings that cannot be used.',
		'Correct the credential.',
		'never',
	),
	'bad-phone': entry(
		'This is not a phone number.',
		'Write it with country code and digits only, for example +1 555 010 0123.',
		'never',
	),
	'bad-recipient': entry(
		'This is not a recipient WhatsApp knows.',
		'Use a phone number with country code, a chat from the list, or an id that ends with @s.whatsapp.net, @lid, @g.us or @newsletter.',
		'never',
	),
	'which-one': entry(
		'Several people or groups may be meant, or one who is not in the address book.',
		'Ask which one, and use the number or id given here.',
		'never',
	),
	'unknown-name': entry(
		'Nobody of this name is known here, and no group either.',
		'Ask for the phone number, or look for the person with Contact > Get Many.',
		'never',
	),
	'not-on-whatsapp': entry(
		'This number is not on WhatsApp.',
		'Check the number and its country code.',
		'never',
	),
	'empty-text': entry('The message text is empty.', 'Fill in the text of the message.', 'never'),
	'text-too-long': entry(
		'The text is longer than WhatsApp allows (65 536 characters).',
		'Shorten it or send it in several messages or as a file.',
		'never',
	),
	'bad-parameter': entry(
		'A field of this node has a value that cannot be used.',
		'Correct the field named here.',
		'never',
	),
	'bad-media': entry(
		'The file cannot be sent as this kind of media.',
		'Check the file, or send it with Send File.',
		'never',
	),
	'media-too-large': entry(
		'The file is larger than WhatsApp allows.',
		'Send a smaller file or a link to it.',
		'never',
	),
	'not-convertible': entry(
		'This sound or picture cannot be converted on this host.',
		'Install ffmpeg where n8n runs (or set FFMPEG_PATH), or convert the file before this node.',
		'never',
	),
	'no-media': entry(
		'This message has no file.',
		'Use the ID of a message with a picture, video, sound, document or sticker.',
		'never',
	),
	'media-unavailable': entry(
		'WhatsApp does not have this file any more.',
		'Message > Download Media asks the phone for it: the phone must be online and still have the file.',
		'later',
	),
	'media-key-missing': entry(
		'The key of this file is not known here, so it cannot be opened.',
		'Open the message on the phone, and forward it to a chat of this number from there.',
		'never',
	),
	'view-once': entry(
		'WhatsApp shows what may be seen once only on the phone.',
		'Open it on the phone: it is not sent to linked devices.',
		'never',
	),
	'media-damaged': entry(
		'The downloaded file is not the one that was sent.',
		'Run it again; if it stays so, ask the sender to send it again. Nothing of it was kept.',
		'later',
	),
	'media-over-limit': entry(
		'The file is larger than the limit set in this node.',
		'Raise the limit in the options, or download it with Message > Download Media.',
		'never',
	),
	'media-download-failed': entry(
		'The file could not be downloaded from WhatsApp.',
		'Try again in a moment; if it stays so, check the network and the proxy of this credential.',
		'later',
	),
	'download-failed': entry(
		'The file could not be downloaded from its address.',
		'Open the address in a browser, and check that n8n may reach it and that it needs no login.',
		'later',
	),
	'upload-failed': entry(
		'The file could not be uploaded to WhatsApp.',
		'Try again in a moment; if it stays so, check the network and the proxy of this credential.',
		'later',
	),
	'phone-silent': entry(
		'The phone did not answer.',
		'Open WhatsApp on the phone, check that it has network, and run it again.',
		'later',
	),
	'already-deleted': entry(
		'This message was deleted already.',
		'Nothing to do; delete it once only.',
		'never',
	),
	'not-yours': entry(
		'Only messages that this number sent can be changed like this.',
		'Use the ID of a message that this number sent.',
		'never',
	),
	'too-old': entry(
		'It is too late: WhatsApp allows this only for a while after sending.',
		'Send a new message instead.',
		'never',
	),
	'not-found': entry(
		'There is no such item.',
		'Check the id; it may have been deleted or never been seen by this number.',
		'never',
	),
	'not-member': entry(
		'This number is not a member of the group (any more).',
		'Join with an invite link (Group > Join), or have an admin of the group add this number.',
		'never',
	),
	'not-admin': entry(
		'Only admins of the group may do this, and this number is none.',
		'Have an admin of the group make this number an admin, or let the settings of the group allow it to all members.',
		'never',
	),
	'group-full': entry(
		'The group would have more people than WhatsApp allows (1 024).',
		'Remove people first, or use several groups in a community.',
		'never',
	),
	'link-invalid': entry(
		'This invite link or invitation does not work (any more).',
		'Ask an admin of the group for a new one.',
		'never',
	),
	'not-allowed': entry(
		'WhatsApp does not allow this here.',
		'Check that this number has the right to do it, for example that it is an admin of the group.',
		'never',
	),

	// Doing
	rejected: entry(
		'WhatsApp rejected the request.',
		'Read the code and its meaning; do not repeat it blindly.',
		'never',
	),
	'rate-limited': entry(
		'WhatsApp says that it was asked too often.',
		'Wait some minutes, and ask less often: get lists once and keep them, put a Wait node into loops.',
		'later',
	),
	restricted: entry(
		'WhatsApp restricts this number from writing to this person for now (463).',
		'Wait. Writing again makes it worse. People who wrote to you can usually still be answered.',
		'later',
	),
	'safety-limit': entry(
		'The safety limits of this credential hold this message back.',
		'Wait until the time named here, let the node wait (option When a Limit Is Reached), or change the limits in the credential.',
		'later',
	),
	guardrail: entry(
		'A guardrail of this credential or node does not allow this message.',
		'If it should be allowed, change Only Answers or Allowed Recipients in the credential or in the options of the node.',
		'never',
	),
	'no-answer': entry(
		'WhatsApp did not confirm in time; it may or may not have been done.',
		'Check in the chat before doing it again.',
		'later',
		false,
	),
	'owner-unreachable': entry(
		'The n8n process that holds this number did not answer in time.',
		'Run it again; a message already sent is not sent twice.',
		'later',
		false,
	),
	cancelled: entry('The execution was cancelled.', 'Nothing to do.', 'later'),
	unexpected: entry(
		'Something unexpected went wrong.',
		'Run it again; if it stays so, report it with the log of n8n.',
		'later',
		false,
	),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** How an error travels between processes and into n8n's item JSON. */
export interface ErrorJson {
	code: ErrorCode;
	detail?: string;
	data?: Record<string, string | number | boolean | null>;
}

export interface LinkedErrorOptions {
	/** One more sentence for people, for example which field or which value. No secrets, no message text. */
	detail?: string;
	/** Machine-readable facts, for example `{ status: 463 }`. No secrets, no message text. */
	data?: Record<string, string | number | boolean | null>;
	cause?: unknown;
}

/** An error that people meet. `message` says what happened, `next` what to do. */
export class LinkedError extends Error {
	override readonly name = 'LinkedError';

	constructor(
		readonly code: ErrorCode,
		private readonly options: LinkedErrorOptions = {},
	) {
		const { what } = CATALOGUE[code];
		super(options.detail ? `${what} ${options.detail}` : what, { cause: options.cause });
	}

	get next(): string {
		return CATALOGUE[this.code].next;
	}

	get retry(): Retry {
		return CATALOGUE[this.code].retry;
	}

	get certain(): boolean {
		return CATALOGUE[this.code].certain;
	}

	/** The sentence that is particular to this one. */
	get detail(): string | undefined {
		return this.options.detail;
	}

	get data(): Record<string, string | number | boolean | null> {
		return this.options.data ?? {};
	}

	toJSON(): ErrorJson {
		return { code: this.code, detail: this.options.detail, data: this.options.data };
	}

	static fromJSON(json: ErrorJson): LinkedError {
		const code = json.code in CATALOGUE ? json.code : 'unexpected';
		return new LinkedError(code, { detail: json.detail, data: json.data });
	}

	/** The error itself when it is ours, otherwise an `unexpected` one that keeps it as cause. */
	static from(error: unknown): LinkedError {
		if (error instanceof LinkedError) return error;
		// A LinkedError of an older copy of this package in the same process (see runtime.ts).
		if (error instanceof Error && error.name === 'LinkedError' && 'toJSON' in error) {
			return LinkedError.fromJSON((error.toJSON as () => ErrorJson)());
		}
		return new LinkedError('unexpected', { cause: error });
	}
}
