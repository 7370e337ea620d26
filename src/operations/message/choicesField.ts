import type { INodeProperties } from 'n8n-workflow';

/** A list of choices, two of them empty at first; read it with readEntries(). */
export function choicesField(
	field: Pick<INodeProperties, 'name' | 'description' | 'required' | 'displayOptions'>,
	example: string,
): INodeProperties {
	return {
		displayName: 'Choices',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Choice',
		default: { choice: [{ text: '' }, { text: '' }] },
		...field,
		options: [
			{
				displayName: 'Choice',
				name: 'choice',
				values: [
					{
						displayName: 'Text',
						name: 'text',
						type: 'string',
						default: '',
						placeholder: example,
					},
				],
			},
		],
	};
}
