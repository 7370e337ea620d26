import type { Resource } from '../types';
import { getQr } from './getQr';
import { getStatus } from './getStatus';
import { logOut } from './logOut';
import { reconnect } from './reconnect';

export const session: Resource = {
	value: 'session',
	name: 'Session',
	default: 'getStatus',
	operations: [getQr, getStatus, logOut, reconnect],
};
