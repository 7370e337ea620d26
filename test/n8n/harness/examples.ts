/** The workflows of examples/, with credentials chosen and the values that a user would fill in. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { INode } from 'n8n-workflow';
import type { WorkflowJson } from './rest';

const FOLDER = path.resolve(__dirname, '../../../examples');

/** Names of all examples. */
export const EXAMPLES = readdirSync(FOLDER)
	.filter((file) => file.endsWith('.json'))
	.map((file) => file.slice(0, -'.json'.length));

export interface Chosen {
	id: string;
	name: string;
}

/**
 * @param name of the file, without .json
 * @param credentials by credential type; each goes into the nodes of the types named
 */
export function example(
	name: string,
	credentials: Record<string, { nodes: RegExp; chosen: Chosen }>,
): WorkflowJson {
	const workflow = JSON.parse(
		readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'),
	) as WorkflowJson;
	for (const node of workflow.nodes) {
		for (const [type, { nodes, chosen }] of Object.entries(credentials)) {
			if (nodes.test(node.type)) node.credentials = { ...node.credentials, [type]: chosen };
		}
	}
	const { nodes, connections, settings } = workflow;
	return { name: workflow.name, nodes, connections, settings };
}

export function nodeOf(workflow: WorkflowJson, name: string): INode {
	const found = workflow.nodes.find((node) => node.name === name);
	if (!found) throw new Error(`The example has no node ${name}`);
	return found;
}

/** Changes values of a node that sets fields. */
export function fill(workflow: WorkflowJson, name: string, values: Record<string, unknown>): void {
	const { assignments } = nodeOf(workflow, name).parameters as unknown as {
		assignments: { assignments: Array<{ name: string; value: unknown }> };
	};
	for (const [field, value] of Object.entries(values)) {
		const row = assignments.assignments.find((each) => each.name === field);
		if (!row) throw new Error(`${name} has no field ${field}`);
		row.value = value;
	}
}
