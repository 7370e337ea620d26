import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import { linkNumber } from './linkNumber';
import { searchChats, searchGroups } from './listSearch';
import { properties } from './properties';
import { runItem } from './runItem';
import { LinkedError } from '../../src/errors';
import { readCredential, CREDENTIAL } from '../../src/runtime';
import { toNodeError } from './nodeError';
import { progress } from './progress';

export class WhatsAppLinked implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'WhatsApp Linked Device',
		name: 'whatsAppLinked',
		icon: { light: 'file:whatsAppLinked.svg', dark: 'file:whatsAppLinked.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Send, read and administer as your own WhatsApp number',
		defaults: { name: 'WhatsApp Linked Device' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'whatsAppLinkedApi', required: true, testedBy: 'linkNumber' }],
		properties,
	};

	methods = {
		credentialTest: { linkNumber },
		listSearch: { searchChats, searchGroups },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const output: INodeExecutionData[] = [];
		const tell = progress(items.length);
		for (let item = 0; item < items.length; item++) {
			tell(item);
			try {
				const data = await this.getCredentials(CREDENTIAL, item);
				const reference = this.getNode().credentials?.[CREDENTIAL];
				const settings = readCredential({ id: reference?.id, name: reference?.name ?? '' }, data);
				output.push(...(await runItem(this, item, settings)));
			} catch (error) {
				const known = LinkedError.from(error);
				if (this.continueOnFail()) {
					output.push({
						json: { error: known.message, code: known.code, next: known.next, ...known.data },
						pairedItem: { item },
					});
					continue;
				}
				if (error instanceof NodeOperationError) throw error;
				throw toNodeError(this.getNode(), error, item);
			}
		}
		return [output];
	}
}
