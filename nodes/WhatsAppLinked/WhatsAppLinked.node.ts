import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import { linkNumber } from './linkNumber';
import {
	searchChannels,
	searchChats,
	searchCommunities,
	searchGroups,
	searchLabels,
	searchPeople,
} from './listSearch';
import { properties } from './properties';
import { runItem } from './runItem';
import { LinkedError } from '../../src/errors';
import { settingsFor } from '../../src/runtime';
import { toNodeError } from './nodeError';
import { Progress } from './progress';
import { recoverQuestions } from './recoverQuestions';
import { askAndWait, asksAndWaits, giveAnswer, webhooks } from './sendAndWait';

export class WhatsAppLinked implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'WhatsApp Linked Device',
		name: 'whatsAppLinked',
		icon: { light: 'file:whatsAppLinked.svg', dark: 'file:whatsAppLinked.dark.svg' },
		group: ['output'],
		version: 1,
		// As in n8n's own nodes, but in words: `send text: message`.
		subtitle:
			'={{ $parameter["operation"].replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase() + ": " + $parameter["resource"] }}',
		description: 'Send, read and administer as your own WhatsApp number',
		defaults: { name: 'WhatsApp Linked Device' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'whatsAppLinkedApi', required: true, testedBy: 'linkNumber' }],
		webhooks,
		waitingNodeTooltip:
			'The execution goes on when the question is answered in the chat, or the time is up',
		properties,
	};

	constructor() {
		recoverQuestions();
	}

	methods = {
		credentialTest: { linkNumber },
		listSearch: {
			searchChannels,
			searchChats,
			searchCommunities,
			searchGroups,
			searchLabels,
			searchPeople,
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await giveAnswer(this);
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const output: INodeExecutionData[] = [];
		const progress = new Progress(this, items.length);
		const waits = asksAndWaits(this);
		for (let item = 0; item < items.length; item++) {
			progress.next(item);
			try {
				if (waits) return [await askAndWait(this)];
				output.push(...(await runItem(this, item, await settingsFor(this, item), progress)));
			} catch (error) {
				const known = LinkedError.from(error);
				if (this.continueOnFail()) {
					output.push({
						json: { error: known.message, code: known.code, next: known.next, ...known.data },
						pairedItem: { item },
					});
					if (waits) break;
					continue;
				}
				if (error instanceof NodeOperationError) throw error;
				throw toNodeError(this.getNode(), error, item);
			}
		}
		progress.sum(output);
		return [output];
	}
}
