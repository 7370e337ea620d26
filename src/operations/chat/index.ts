import type { Resource } from '../types';
import { getMany } from './getMany';

export const chat: Resource = {
	value: 'chat',
	name: 'Chat',
	default: 'getMany',
	operations: [getMany],
};
