import type { Resource } from '../types';
import { get } from './get';
import { getMany } from './getMany';
import { getParticipants } from './getParticipants';

export const group: Resource = {
	value: 'group',
	name: 'Group',
	default: 'getMany',
	operations: [get, getMany, getParticipants],
};
