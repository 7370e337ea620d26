/** Resource locators: pick from a list of what the number knows, or type it. */
import type { INodeProperties, INodePropertyMode } from 'n8n-workflow';

/** What can be typed instead of picked, and how. */
export type Typed = Pick<INodePropertyMode, 'displayName' | 'placeholder' | 'hint'>;

/** @param searchListMethod of the node's list searches */
export const pickOrType = (searchListMethod: string, typed: Typed): INodePropertyMode[] => [
	// eslint-disable-next-line n8n-nodes-base/node-param-default-missing -- a mode has none
	{
		displayName: 'From List',
		name: 'list',
		type: 'list',
		typeOptions: { searchListMethod, searchable: true },
	},
	{ name: 'id', type: 'string', ...typed },
];

/** A required locator in which the list comes first. */
export const locatorField = (
	displayName: string,
	name: string,
	modes: INodePropertyMode[],
	more: Partial<INodeProperties> = {},
): INodeProperties => ({
	displayName,
	name,
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	modes,
	...more,
});
