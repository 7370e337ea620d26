import type { Resource } from '../types';
import { getLinkingCode } from './getLinkingCode';
import { getMany } from './getMany';
import { getQr } from './getQr';
import { getStatus } from './getStatus';
import { logOut } from './logOut';
import { reconnect } from './reconnect';

export const session: Resource = {
	value: 'session',
	name: 'Session',
	default: 'getStatus',
	operations: [getLinkingCode, getMany, getQr, getStatus, logOut, reconnect],
};
