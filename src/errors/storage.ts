/** Errors of the storage, and of what else n8n itself runs on. */
import { entry, type ErrorEntry } from './entry';

export const STORAGE = {
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
	'storage-busy': entry(
		'Another program is writing into the file of the embedded storage.',
		'Wait until it has finished. Programs that look into the file or copy it should only read.',
		'later',
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
} as const satisfies Record<string, ErrorEntry>;
