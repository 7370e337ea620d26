import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
	ITriggerResponse,
} from 'n8n-workflow';
import { description } from './description';
import { claimItems } from './claim';
import { listen } from './listen';
import { nextEvent } from './manual';

/**
 * trigger() only listens and emits tickets; execute() runs inside each execution, claims the event
 * of its ticket and outputs it. So an event starts its workflow once, whatever n8n runs twice.
 */
export class WhatsAppLinkedTrigger implements INodeType {
	description: INodeTypeDescription = description;

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return await listen(this);
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getMode() === 'manual' ? await nextEvent(this) : await claimItems(this)];
	}
}
