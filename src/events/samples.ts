/** People and places of the examples. Numbers are from the range reserved for fiction. */
import type { IDataObject } from 'n8n-workflow';
import { NOWHERE } from './nowhere';

export const ANNA: IDataObject = {
	id: '200000000000101@lid',
	lid: '200000000000101@lid',
	phone: '+15550100101',
	name: 'Anna',
	username: null,
};

export const BEN: IDataObject = {
	id: '200000000000102@lid',
	lid: '200000000000102@lid',
	phone: '+15550100102',
	name: 'Ben',
	username: null,
};

export const ME: IDataObject = {
	id: '200000000000100@lid',
	lid: '200000000000100@lid',
	phone: '+15550100100',
	name: 'Me',
	username: null,
};

export const GROUP = '120363000000000001@g.us';
export const CHANNEL = '120363000000000002@newsletter';
export const MESSAGE_ID = '3EB0A1B2C3D4E5F60718';
const TIME = '2026-11-23T09:30:00.000Z';

/** An event in the direct chat with Anna. */
export function inChat(event: string, more: IDataObject = {}): IDataObject {
	return {
		event,
		id: `${event}:200000000000101@lid:${MESSAGE_ID}:200000000000101@lid`,
		timestamp: TIME,
		chat: '200000000000101@lid',
		chatName: 'Anna',
		isGroup: false,
		from: ANNA,
		fromContact: true,
		fromMe: false,
		to: ME,
		messageId: MESSAGE_ID,
		text: null,
		...more,
	};
}

/** What messages have beside the rest. */
export const MESSAGE: IDataObject = {
	kind: 'text',
	media: null,
	quoted: null,
	mentions: [],
	mentionsMe: false,
	repliesToMe: false,
	forwarded: false,
	offline: false,
	mentionsAll: false,
	forwardingScore: 0,
	viewOnce: false,
	disappearsAfter: 0,
	edited: false,
};

/** An event in a group. */
export function inGroup(event: string, more: IDataObject = {}): IDataObject {
	return {
		event,
		id: `${event}:${GROUP}:3EB0B1B2C3D4E5F60718`,
		timestamp: TIME,
		chat: GROUP,
		chatName: 'Choir',
		isGroup: true,
		from: ANNA,
		fromContact: true,
		fromMe: false,
		to: null,
		messageId: null,
		text: null,
		...more,
	};
}

/** An event about a chat or contact that the owner of the number caused on the phone. */
export function onPhone(event: string, more: IDataObject = {}): IDataObject {
	return {
		event,
		id: `${event}:200000000000101@lid:1795426200000`,
		timestamp: TIME,
		chat: '200000000000101@lid',
		chatName: 'Anna',
		isGroup: false,
		from: ME,
		fromContact: true,
		fromMe: true,
		to: ANNA,
		messageId: null,
		text: null,
		...more,
	};
}

/** An event of the account. */
export function ofAccount(event: string, more: IDataObject = {}): IDataObject {
	return {
		event,
		id: `${event}:1795426200000`,
		timestamp: TIME,
		...NOWHERE,
		...more,
	};
}
