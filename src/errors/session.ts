/** Errors of linking a number and of its connection. */
import { entry, type ErrorEntry } from './entry';

export const SESSION = {
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
	removed: entry(
		'This package was removed from n8n.',
		'Install it again under Settings > Community nodes. The number is still linked.',
		'later',
	),
	closing: entry('n8n is shutting down.', 'Run the workflow again when n8n is back.', 'later'),
} as const satisfies Record<string, ErrorEntry>;
