/** The field for disappearing messages: the times that the apps offer. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { asNumber, badField } from './fields';

/** In seconds. */
export const TIMES = [
	{ name: 'Off', value: 0 },
	{ name: '24 Hours', value: 86_400 },
	{ name: '7 Days', value: 604_800 },
	{ name: '90 Days', value: 7_776_000 },
];

const FIELD = 'Disappear After';

export const timerField = (description: string): INodeProperties => ({
	displayName: FIELD,
	name: 'seconds',
	type: 'options',
	options: TIMES,
	default: 604_800,
	description,
});

/** @returns seconds, 0 for off. @throws LinkedError `bad-parameter` for other times */
export function asTimer(value: unknown, field = FIELD): number {
	const seconds = asNumber(value, field);
	if (!TIMES.some((time) => time.value === seconds)) {
		throw badField(
			field,
			'it must be 0, 86400, 604800 or 7776000 seconds (off, 24 hours, 7 days, 90 days).',
		);
	}
	return seconds;
}

export const readTimer = (context: IExecuteFunctions, item: number): number =>
	asTimer(context.getNodeParameter('seconds', item));
