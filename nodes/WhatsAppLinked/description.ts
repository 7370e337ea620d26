/** The node's description, made from the operation registry. */
import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { RESOURCES, type AnyOperation } from '../../src/operations';

/** Adds "shown for this resource and operation" to a field, beside conditions of its own. */
function shownFor({ resource, operation }: AnyOperation, field: INodeProperties): INodeProperties {
	return {
		...field,
		displayOptions: {
			...field.displayOptions,
			show: { resource: [resource], operation: [operation], ...field.displayOptions?.show },
		},
	};
}

const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: RESOURCES.map(({ name, value }) => ({ name, value })),
		default: 'message',
	},
	...RESOURCES.map((resource): INodeProperties => ({
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.value] } },
		options: [...resource.operations]
			.sort((a, b) => a.name.localeCompare(b.name))
			.map(({ name, operation, description, action }) => ({
				name,
				value: operation,
				description,
				action,
			})),
		default: resource.default,
	})),
	...RESOURCES.flatMap(({ operations }) =>
		operations.flatMap((operation) => operation.fields.map((field) => shownFor(operation, field))),
	),
];

export const description: INodeTypeDescription = {
	displayName: 'WhatsApp Linked Device',
	name: 'whatsAppLinked',
	icon: { light: 'file:whatsAppLinked.svg', dark: 'file:whatsAppLinked.dark.svg' },
	group: ['output'],
	version: 1,
	subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
	description: 'Send, read and administer as your own WhatsApp number',
	defaults: { name: 'WhatsApp Linked Device' },
	usableAsTool: true,
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
	credentials: [{ name: 'whatsAppLinkedApi', required: true, testedBy: 'linkNumber' }],
	properties,
};
