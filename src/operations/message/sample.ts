import type { IDataObject } from 'n8n-workflow';

/** What every operation that sends gives back. */
export const SENT: IDataObject = {
	messageId: '3EB0A1B2C3D4E5F60718',
	chat: '200000000000101@lid',
	timestamp: '2026-11-23T09:30:00.000Z',
	status: 'accepted',
};
