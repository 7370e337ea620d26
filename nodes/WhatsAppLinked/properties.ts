/** The node's fields, made from the operation registry. */
import type { INodeProperties } from 'n8n-workflow';
import { SEND_AND_WAIT_OPERATION } from 'n8n-workflow';
import { toolDescription } from './toolDescription';
import { RESOURCES, safetyField, type AnyOperation } from '../../src/operations';

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

/** What cannot be undone says so in the node, before anything else. */
function fieldsOf(operation: AnyOperation): INodeProperties[] {
	const { destructive, description } = operation;
	const forModels =
		operation.operation === SEND_AND_WAIT_OPERATION ? [] : [toolDescription(operation)];
	const fields = [...forModels, ...operation.fields];
	if (!destructive || fields.some(({ type }) => type === 'notice')) return fields;
	const what = /[.!?]$/.test(description) ? description : `${description}.`;
	const notice: INodeProperties = {
		displayName: `${what} This cannot be undone.`,
		name: 'notice',
		type: 'notice',
		default: '',
	};
	return [notice, forAgents, ...fields];
}

/**
 * In the tool of an AI agent such an operation is off unless the user picks it: n8n lets no model fill
 * resource and operation (noDataExpression). Picking it deserves a word.
 */
const forAgents: INodeProperties = {
	displayName:
		'With this operation picked, the agent does it whenever it sees fit. To be asked each time, put a human review between the agent and this tool.',
	name: 'noticeForAgents',
	type: 'notice',
	default: '',
	displayOptions: { show: { '@tool': [true] } },
};

export const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: RESOURCES.map(({ name, value }) => ({ name, value })),
		default: 'message',
	},
	// eslint-disable-next-line n8n-nodes-base/node-param-default-missing -- each resource has its own
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
		operations.flatMap((operation) =>
			fieldsOf(operation).map((field) => shownFor(operation, field)),
		),
	),
	...RESOURCES.flatMap(({ value, operations }): INodeProperties[] => {
		const sending = operations.filter(({ sends }) => sends).map(({ operation }) => operation);
		if (sending.length === 0) return [];
		return [
			{ ...safetyField, displayOptions: { show: { resource: [value], operation: sending } } },
		];
	}),
];
