/** Return All, Limit and Simplify, as n8n's own nodes have them. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { asNumber, badField } from './fields';

/** What Return All means to those who count. */
export const ALL = Number.MAX_SAFE_INTEGER;

export function limitFields(limit = 50): INodeProperties[] {
	return [
		{
			displayName: 'Return All',
			name: 'returnAll',
			type: 'boolean',
			default: false,
			description: 'Whether to return all results or only up to a given limit',
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			// eslint-disable-next-line n8n-nodes-base/node-param-default-wrong-for-limit -- 50 for most
			default: limit,
			description: 'Max number of results to return',
			displayOptions: { show: { returnAll: [false] } },
		},
	];
}

/** @throws LinkedError `bad-parameter` for a limit that is no whole number of 1 or more */
export function readLimit(context: IExecuteFunctions, item: number): number {
	if (context.getNodeParameter('returnAll', item, false) === true) return ALL;
	const limit = asNumber(context.getNodeParameter('limit', item, 50), 'Limit');
	if (!Number.isInteger(limit) || limit < 1) {
		throw badField('Limit', 'it must be a whole number of 1 or more.');
	}
	return Math.min(limit, ALL);
}

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

export const readSimplify = (context: IExecuteFunctions, item: number): boolean =>
	context.getNodeParameter('simplify', item, true) === true;
