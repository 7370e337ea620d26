import type { INode } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { LinkedError } from '../../src/errors';

/** What n8n shows when a trigger cannot be activated or run: what happened, and the next step. */
export class TriggerError extends NodeOperationError {
	constructor(node: INode, known: LinkedError) {
		super(node, known.message, { description: `${known.next} (${known.code})` });
		this.cause = known;
	}
}
