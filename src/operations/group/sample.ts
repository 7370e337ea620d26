import type { IDataObject } from 'n8n-workflow';

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

export const GROUP_ID = '120363000000000001@g.us';
