/** Nodes for every operation about chats, labels, calls, the account and its session. */
import type { IDataObject } from 'n8n-workflow';
import { locator } from '../../helpers/nodeFields';

/** One node: `resource.operation`, its fields, and what its first item says, in part. */
export type Step = [operation: string, fields: IDataObject, expected?: object];

export interface About {
	/** Number of the account, `+` and digits. */
	own: string;
	/** Somebody who has written to it. */
	person: string;
	/** A message from that person. */
	messageId: string;
	/** A call from that person that rings. */
	callId: string;
	/** Fields of a picture. */
	file: IDataObject;
}

/** The account has to be one of WhatsApp Business, for the labels. The last step logs it out. */
export function accountSteps({ own, person, messageId, callId, file }: About): Step[] {
	const chat = { chat: locator(person) };
	const label = { label: locator("={{ $('label.create').first().json.id }}") };
	return [
		['chat.archive', chat, { archived: true }],
		['chat.unarchive', chat, { archived: false }],
		['chat.mute', { ...chat, time: '8h' }, { muted: true }],
		['chat.unmute', chat, { muted: false }],
		['chat.pin', chat, { pinned: true }],
		['chat.unpin', chat, { pinned: false }],
		['chat.markUnread', chat, { read: false }],
		['chat.markRead', chat, { read: true }],
		['chat.setTimer', { ...chat, seconds: 86_400 }, { disappearingSeconds: 86_400 }],
		['chat.setTyping', { ...chat, state: 'composing' }, { shown: 'composing' }],
		['chat.getPresence', chat, { presence: 'offline' }],
		['chat.clear', chat, { cleared: true }],
		['chat.delete', chat, { deleted: true }],
		['label.create', { name: 'New customer' }, { name: 'New customer' }],
		['label.addToChat', { ...label, ...chat }, { labeled: true }],
		['label.addToMessage', { ...label, ...chat, messageId }, { labeled: true }],
		['label.getMany', { returnAll: true }, { chatCount: 1, messageCount: 1 }],
		['label.removeFromMessage', { ...label, ...chat, messageId }, { labeled: false }],
		['label.removeFromChat', { ...label, ...chat }, { labeled: false }],
		['label.update', { ...label, updateFields: { name: 'Customer' } }, { name: 'Customer' }],
		['label.delete', label, { deleted: true }],
		['call.reject', { callId, options: { caller: person } }, { rejected: true }],
		['call.createLink', { media: 'video' }, { link: expect.stringContaining('/video/') }],
		['account.updateName', { name: 'Olivia B' }, { name: 'Olivia B' }],
		['account.updateAbout', { about: 'In the shop' }, { about: 'In the shop' }],
		['account.setPicture', file, { pictureId: expect.any(String) }],
		['account.getProfile', {}, { number: own, name: 'Olivia B', about: 'In the shop' }],
		['account.removePicture', {}, { removed: true }],
		['account.updatePrivacy', { settings: { lastSeen: 'contacts' } }, { lastSeen: 'contacts' }],
		['account.getPrivacy', {}, { lastSeen: 'contacts' }],
		['account.setDefaultTimer', { seconds: 604_800 }, { defaultTimerSeconds: 604_800 }],
		['account.setOnline', { status: 'offline' }, { online: false }],
		['account.getDevice', {}, { number: own, isBusiness: true }],
		['account.getLimits', {}, { timelock: { isActive: false } }],
		['session.getStatus', {}, { state: 'open', number: own }],
		['session.getMany', { returnAll: true }, { own: true, number: own }],
		['session.getQr', {}, { linked: true, number: own }],
		['session.getLinkingCode', { phone: own }, { linked: true, number: own }],
		['session.reconnect', {}, { state: 'open' }],
		['session.logOut', { erase: true }, { loggedOut: true, erased: true }],
	];
}
