/** The Label field, and how what was picked or typed becomes a label that there is. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import type { Label } from '../../history/labels';
import { asText, badField, readText } from '../fields';
import { locatorField, pickOrType } from '../locator';
import type { Owner } from '../types';

/** The palette of the apps has this many colours. */
const COLORS = 20;
const MAX_LENGTH = 100;

export const labelField = locatorField(
	'Label',
	'label',
	pickOrType('searchLabels', {
		displayName: 'By Name or ID',
		placeholder: 'e.g. New customer',
	}),
);

export const nameField: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. New customer',
};

export const colorField: INodeProperties = {
	displayName: 'Color',
	name: 'color',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: COLORS - 1 },
	default: 0,
	description: `Number of a color in the palette of the app, 0 to ${COLORS - 1}`,
};

export function readLabel(context: IExecuteFunctions, item: number): string {
	const value: unknown = context.getNodeParameter('label', item, '', { extractValue: true });
	const label = asText(value).trim();
	if (!label) throw badField('Label', 'it is empty.');
	return label;
}

export function readName(context: IExecuteFunctions, item: number): string {
	return checkName(readText(context, item, 'name'));
}

export function checkName(value: string): string {
	const name = value.trim();
	if (!name) throw badField('Name', 'it is empty.');
	if ([...name].length > MAX_LENGTH) {
		throw badField('Name', `it is longer than ${MAX_LENGTH} characters.`);
	}
	return name;
}

/** @throws LinkedError `bad-parameter` */
export function checkColor(color: number): number {
	if (!Number.isInteger(color) || color < 0 || color >= COLORS) {
		throw badField('Color', `it must be a whole number from 0 to ${COLORS - 1}.`);
	}
	return color;
}

/** By id, or by name whatever the case. @throws LinkedError `not-found` */
export async function findLabel(owner: Owner, wanted: string): Promise<Label> {
	const all = await owner.labels.all();
	const lower = wanted.toLocaleLowerCase();
	const found =
		all.find(({ id }) => id === wanted) ??
		all.find(({ name }) => name.toLocaleLowerCase() === lower);
	if (found) return found;
	throw new LinkedError('not-found', {
		detail:
			all.length > 0
				? 'This account has no label with this name or ID; Label > Get Many lists those it has.'
				: 'This account has no labels. They are made in WhatsApp Business, or with Label > Create.',
	});
}
