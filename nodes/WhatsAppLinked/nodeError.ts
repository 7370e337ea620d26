import type { INode } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';

/**
 * What n8n shows: what happened as message, the next step as description. As an AI tool a node's
 * error reaches the model as its message alone, so the next step stands there too.
 */
export function toNodeError(node: INode, error: unknown, itemIndex: number): NodeOperationError {
	if (error instanceof NodeOperationError) return error;
	const known = LinkedError.from(error);
	const isTool = node.type.endsWith('Tool');
	const failure = new NodeOperationError(
		node,
		isTool && !known.message.includes(known.next)
			? `${known.message} ${known.next}`
			: known.message,
		{ itemIndex, description: `${known.next} (${known.code})` },
	);
	failure.cause = known;
	return failure;
}
