import type { IDataObject } from 'n8n-workflow';

export const PRIVACY: IDataObject = {
	about: 'everyone',
	calls: 'everyone',
	groupsAdd: 'contacts',
	lastSeen: 'contactsExcept',
	messages: 'everyone',
	online: 'sameAsLastSeen',
	profilePicture: 'contacts',
	readReceipts: 'nobody',
	defaultTimerSeconds: 0,
	other: {},
};
