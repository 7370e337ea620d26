import type { Resource } from '../types';
import { sendText } from './sendText';

export const message: Resource = {
	value: 'message',
	name: 'Message',
	default: 'sendText',
	operations: [sendText],
};
