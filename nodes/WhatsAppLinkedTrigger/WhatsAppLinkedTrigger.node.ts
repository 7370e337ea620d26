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

// What n8n's own triggers say below their Execute Step button, in their words.
const BUILDING =
	"<b>While building your workflow</b>, click the 'execute step' button: it gives the latest event that fits your settings at once or, if there is none yet, the next one, for example a message that you send to your number. This takes nothing away from published workflows.<br /> <br />";
const PUBLISHED =
	"Then every time something happens that fits your settings, the workflow will execute. These executions will show up in the <a data-key='executions'>executions list</a>, but not in the editor.";

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
		subtitle: '={{ [].concat($parameter["events"]).join(", ").replaceAll(".", " ") }}',
		description: 'Starts the workflow when something happens on your own WhatsApp number',
		eventTriggerDescription: 'Waiting for something to happen on your WhatsApp number',
		defaults: { name: 'WhatsApp Linked Device Trigger' },
		triggerPanel: {
			header: '',
			executionsHelp: {
				inactive: `${BUILDING}<b>Once you're happy with your workflow</b>, publish it. ${PUBLISHED}`,
				active: `${BUILDING}<b>Your workflow will also execute automatically</b>, since it's activated. ${PUBLISHED}`,
			},
			activationHint:
				'Once you’ve finished building your workflow, publish it to have it also listen continuously (you just won’t see those executions here).',
		},
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
