import type { Resource } from '../types';
import { createLink } from './createLink';
import { reject } from './reject';

export const call: Resource = {
	value: 'call',
	name: 'Call',
	default: 'reject',
	operations: [createLink, reject],
};
