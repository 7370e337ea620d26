import type { IExecuteFunctions } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import type { AnyOperation } from '../../src/operations';

/**
 * What cannot be undone is off for AI agents unless the user has picked it: as a tool, this node does
 * it only where resource and operation stand in the node itself. The editor allows nothing else, but a
 * workflow that was written by hand, or by another program, can leave the choice to the model.
 * @throws LinkedError `not-chosen`
 */
export function assertChosen(context: IExecuteFunctions, { destructive }: AnyOperation): void {
	const { type, parameters } = context.getNode();
	if (!destructive || !type.endsWith('Tool')) return;
	const isLeftOpen = [parameters.resource, parameters.operation].some(
		(value) => typeof value === 'string' && value.startsWith('='),
	);
	if (isLeftOpen) throw new LinkedError('not-chosen');
}
