/** Workflows of the product's nodes, as JSON. */
import type { INode } from 'n8n-workflow';
import { PACKAGE_NAME } from './install';
import { CREDENTIAL_TYPE, type LinkedCredential } from './link';
import type { WorkflowJson } from './rest';

/** The workflow with this credential chosen in every node of ours. */
export function withCredential(workflow: WorkflowJson, credential: LinkedCredential): WorkflowJson {
	const credentials = { [CREDENTIAL_TYPE]: { id: credential.id, name: credential.name } };
	return {
		name: workflow.name,
		settings: workflow.settings,
		connections: workflow.connections,
		nodes: workflow.nodes.map((node) =>
			node.type.startsWith(`${PACKAGE_NAME}.`) ? { ...node, credentials } : node,
		),
	};
}

/** A node for a workflow under test. */
export const node = (name: string, type: string, parameters: INode['parameters'] = {}): INode => ({
	id: name,
	name,
	type: type.includes('.') ? type : `${PACKAGE_NAME}.${type}`,
	typeVersion: 1,
	position: [0, 0],
	parameters,
});
