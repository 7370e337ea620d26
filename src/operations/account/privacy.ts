/** Privacy settings: WhatsApp's categories and values, and what people call them. */
import type { INodeProperties } from 'n8n-workflow';
import type { WASocket } from '@whiskeysockets/baileys';
import { asked } from '../asked';
import type { JsonObject, Owner } from '../types';

export interface Category {
	/** Under which the field stands, and the result. */
	field: string;
	/** WhatsApp's name. */
	wire: string;
	displayName: string;
	description: string;
	/** Our value by WhatsApp's; those that can be set. */
	values: Readonly<Record<string, string>>;
	set(socket: WASocket, value: string): Promise<void>;
}

const NAMES: Readonly<Record<string, string>> = {
	everyone: 'Everyone',
	contacts: 'My Contacts',
	nobody: 'Nobody',
	sameAsLastSeen: 'Same as Last Seen',
	known: 'Known People',
};

const WHO = { all: 'everyone', contacts: 'contacts', none: 'nobody' };
/** A list of exceptions is kept on the phone: it can be read that there is one, not set. */
const READ_ONLY: Readonly<Record<string, string>> = { contact_blacklist: 'contactsExcept' };

// The types of Baileys' functions are the values below; read() lets nothing else through.
export const CATEGORIES: readonly Category[] = [
	{
		field: 'about',
		wire: 'status',
		displayName: 'About',
		description: 'Who sees the about text',
		values: WHO,
		set: async (socket, value) => await socket.updateStatusPrivacy(value as never),
	},
	{
		field: 'calls',
		wire: 'calladd',
		displayName: 'Calls',
		description: 'Whose calls ring; those of others are silent',
		values: { all: 'everyone', known: 'known' },
		set: async (socket, value) => await socket.updateCallPrivacy(value as never),
	},
	{
		field: 'groupsAdd',
		wire: 'groupadd',
		displayName: 'Groups',
		description: 'Who may add this number to groups',
		values: { all: 'everyone', contacts: 'contacts' },
		set: async (socket, value) => await socket.updateGroupsAddPrivacy(value as never),
	},
	{
		field: 'lastSeen',
		wire: 'last',
		displayName: 'Last Seen',
		description: 'Who sees when this number was online last',
		values: WHO,
		set: async (socket, value) => await socket.updateLastSeenPrivacy(value as never),
	},
	{
		field: 'messages',
		wire: 'messages',
		displayName: 'Messages',
		description: 'Who may begin a chat with this number',
		values: { all: 'everyone', contacts: 'contacts' },
		set: async (socket, value) => await socket.updateMessagesPrivacy(value as never),
	},
	{
		field: 'online',
		wire: 'online',
		displayName: 'Online',
		description: 'Who sees that this number is online',
		values: { all: 'everyone', match_last_seen: 'sameAsLastSeen' },
		set: async (socket, value) => await socket.updateOnlinePrivacy(value as never),
	},
	{
		field: 'profilePicture',
		wire: 'profile',
		displayName: 'Profile Picture',
		description: 'Who sees the profile picture',
		values: WHO,
		set: async (socket, value) => await socket.updateProfilePicturePrivacy(value as never),
	},
	{
		field: 'readReceipts',
		wire: 'readreceipts',
		displayName: 'Read Receipts',
		description:
			'Who sees that this number has read a message (blue ticks). With Nobody it does not see those of others either; groups always show them.',
		values: { all: 'everyone', none: 'nobody' },
		set: async (socket, value) => await socket.updateReadReceiptsPrivacy(value as never),
	},
];

export const privacyFields: INodeProperties[] = CATEGORIES.map(
	({ field, displayName, description, values }) => ({
		displayName,
		name: field,
		type: 'options',
		options: Object.values(values).map((value) => ({ name: NAMES[value] ?? value, value })),
		default: 'everyone',
		description,
	}),
);

/** All settings as WhatsApp has them now. Baileys' copy is renewed: it sends read receipts by it. */
export async function fetchPrivacy(owner: Owner): Promise<JsonObject> {
	const socket = await owner.socket();
	const [settings, timers] = await Promise.all([
		asked(socket.fetchPrivacySettings(true)),
		asked(socket.fetchDisappearingDuration(owner.me.phone ?? '')),
	]);
	const known = CATEGORIES.map(({ field, wire, values }) => {
		const value = settings[wire];
		return [field, value === undefined ? null : (values[value] ?? READ_ONLY[value] ?? value)];
	});
	const others = Object.entries(settings).filter(
		([wire]) => !CATEGORIES.some((category) => category.wire === wire),
	);
	const timer = timers?.[0]?.disappearing_mode as { duration?: number } | undefined;
	return {
		...(Object.fromEntries(known) as JsonObject),
		defaultTimerSeconds: timer?.duration ?? 0,
		// Categories that are newer than this package, as WhatsApp names them.
		other: Object.fromEntries(others),
	};
}
