import type { Resource } from '../types';
import { checkRecipient } from './checkRecipient';
import { getReport } from './getReport';

export const safety: Resource = {
	value: 'safety',
	name: 'Safety',
	default: 'getReport',
	operations: [checkRecipient, getReport],
};
