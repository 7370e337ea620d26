import type { Resource } from '../types';
import { addToChat, addToMessage, removeFromChat, removeFromMessage } from './attach';
import { create, deleteLabel, update } from './edit';
import { getMany } from './getMany';

export const label: Resource = {
	value: 'label',
	name: 'Label',
	default: 'getMany',
	operations: [
		addToChat,
		addToMessage,
		create,
		deleteLabel,
		getMany,
		removeFromChat,
		removeFromMessage,
		update,
	],
};
