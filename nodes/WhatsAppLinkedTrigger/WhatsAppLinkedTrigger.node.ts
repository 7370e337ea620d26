import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
	ITriggerResponse,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { searchChats } from '../WhatsAppLinked/listSearch';
import { claimItems } from './claim';
import { linkPageWebhook, serveLinkPage } from './linkPage';
import { listen } from './listen';
import { nextEvent } from './manual';
import { properties } from './properties';

/**
 * trigger() only listens and emits tickets; execute() runs inside each execution, claims the event
 * of its ticket and outputs it. So an event starts its workflow once, whatever n8n runs twice.
 */
// Its webhook is a page that people open: nothing is registered with a service.
// eslint-disable-next-line @n8n/community-nodes/webhook-lifecycle-complete
export class WhatsAppLinkedTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'WhatsApp Linked Device Trigger',
		name: 'whatsAppLinkedTrigger',
		icon: { light: 'file:whatsAppLinked.svg', dark: 'file:whatsAppLinked.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Starts the workflow when something happens on your own WhatsApp number',
		defaults: { name: 'WhatsApp Linked Device Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'whatsAppLinkedApi', required: true }],
		webhooks: [linkPageWebhook],
		properties,
	};

	methods = { listSearch: { searchChats } };

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return await listen(this);
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await serveLinkPage(this);
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getMode() === 'manual' ? await nextEvent(this) : await claimItems(this)];
	}
}
