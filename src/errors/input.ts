/** Errors of what was asked for: it cannot be right, or WhatsApp does not allow it. */
import { entry, type ErrorEntry } from './entry';

export const INPUT = {
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
} as const satisfies Record<string, ErrorEntry>;
