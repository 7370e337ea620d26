/** The fields that say where a file comes from, and reading them. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { MediaSource } from '../../media/source';
import { asList, badField, readText } from '../fields';

const inputType = (shown?: INodeProperties['displayOptions']): INodeProperties => ({
	displayName: 'Input Type',
	name: 'inputType',
	type: 'options',
	options: [
		{ name: 'Binary File', value: 'binary', description: 'A file of the incoming item' },
		{ name: 'URL', value: 'url', description: 'A file on the web' },
	],
	default: 'binary',
	displayOptions: shown,
});

/** @param shown further conditions of the operation's own */
export function mediaFields(shown: Record<string, string[]> = {}): INodeProperties[] {
	const also = Object.keys(shown).length > 0 ? { displayOptions: { show: shown } } : {};
	return [
		inputType(also.displayOptions),
		{
			displayName: 'Input Data Field Name',
			name: 'binaryPropertyName',
			type: 'string',
			default: 'data',
			required: true,
			hint: 'The name of the input field containing the binary file data to be sent',
			displayOptions: { show: { ...shown, inputType: ['binary'] } },
		},
		{
			displayName: 'URL',
			name: 'url',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://example.com/picture.jpg',
			displayOptions: { show: { ...shown, inputType: ['url'] } },
		},
	];
}

export const filesFields: INodeProperties[] = [
	inputType(),
	{
		displayName: 'Input Data Field Names',
		name: 'binaryPropertyNames',
		type: 'string',
		default: 'data_0, data_1',
		required: true,
		hint: 'The names of the input fields containing the binary file data, separated by commas',
		displayOptions: { show: { inputType: ['binary'] } },
	},
	{
		displayName: 'URLs',
		name: 'urls',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		required: true,
		placeholder: 'e.g. https://example.com/1.jpg',
		description: 'Addresses of the files, one a line',
		displayOptions: { show: { inputType: ['url'] } },
	},
];

/** @throws LinkedError `bad-parameter` when nothing is named */
export function readSource(context: IExecuteFunctions, item: number): MediaSource {
	if (readText(context, item, 'inputType') === 'url') {
		const url = readText(context, item, 'url').trim();
		if (!url) throw badField('URL', 'it is empty.');
		return { from: 'url', url };
	}
	const field = readText(context, item, 'binaryPropertyName').trim();
	if (!field) throw badField('Input Data Field Name', 'it is empty.');
	return { from: 'binary', field };
}

export function readSources(context: IExecuteFunctions, item: number): MediaSource[] {
	if (readText(context, item, 'inputType') === 'url') {
		const urls = readText(context, item, 'urls').split(/\s+/).filter(Boolean);
		return urls.map((url) => ({ from: 'url', url }));
	}
	const names = asList(context.getNodeParameter('binaryPropertyNames', item, ''));
	return names.map((field) => ({ from: 'binary', field }));
}
