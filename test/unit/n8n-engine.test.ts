import {
	NodeConnectionTypes,
	NodeOperationError,
	type IExecuteFunctions,
	type INode,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
} from 'n8n-workflow';
import { Engine, itemsOf, type EngineWorkflow } from '../n8n/harness/engine';

const describeNode = (
	name: string,
	extra: Partial<INodeTypeDescription>,
): INodeTypeDescription => ({
	name,
	displayName: name,
	description: name,
	group: ['transform'],
	version: 1,
	defaults: { name },
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
	properties: [],
	...extra,
});

/** Greets with a word from its credential, and refuses an empty name. */
class Greeter implements INodeType {
	description = describeNode('greeter', {
		credentials: [{ name: 'greeterApi', required: true }],
		properties: [{ name: 'name', displayName: 'Name', type: 'string', default: '' }],
	});

	methods = {
		listSearch: { names: async () => ({ results: [{ name: 'Ann', value: 'ann' }] }) },
	};

	async execute(this: IExecuteFunctions) {
		const { word } = await this.getCredentials<{ word: string }>('greeterApi');
		const items = await Promise.all(
			this.getInputData().map(async (_item, itemIndex) => {
				const name = this.getNodeParameter('name', itemIndex) as string;
				if (!name) throw new NodeOperationError(this.getNode(), 'No name', { itemIndex });
				const file = await this.helpers.prepareBinaryData(Buffer.from(name), 'name.txt');
				return {
					json: { text: `${word} ${name}`, execution: this.getExecutionId() },
					binary: { file },
					pairedItem: { item: itemIndex },
				};
			}),
		);
		return [items];
	}
}

const bells: Array<(text: string) => void> = [];

class Bell implements INodeType {
	description = describeNode('bell', { group: ['trigger'], inputs: [] });

	async trigger(this: ITriggerFunctions) {
		bells.push((text) =>
			this.emit([[{ json: { name: text } }]], undefined, undefined, `bell-${text}`),
		);
		return { closeFunction: async () => void bells.pop() };
	}

	async execute(this: IExecuteFunctions) {
		return [this.getInputData()];
	}
}

const node = (name: string, type: string, extra: Partial<INode> = {}): INode => ({
	id: name,
	name,
	type: `n8n-nodes-whatsapp-linked.${type}`,
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	...extra,
});

const greet = node('Greet', 'greeter', {
	parameters: { name: '={{ $json.name }}' },
	credentials: { greeterApi: { id: '1', name: 'Greeter' } },
});

const workflow: EngineWorkflow = {
	nodes: [node('Bell', 'bell'), greet],
	connections: { Bell: { main: [[{ node: 'Greet', type: 'main', index: 0 }]] } },
};

describe.each(['default', 'filesystem'] as const)('engine with binary data in %s', (binaryData) => {
	let engine: Engine;

	beforeAll(async () => {
		engine = await Engine.create({
			binaryData,
			nodeTypes: [new Greeter(), new Bell()],
			credentialTypes: [
				{
					name: 'greeterApi',
					displayName: 'Greeter API',
					properties: [{ name: 'word', displayName: 'Word', type: 'string', default: 'Hello' }],
				},
			],
			credentials: { 1: { type: 'greeterApi', data: {} } },
		});
	});

	afterAll(() => engine.close());

	it('runs nodes with expressions, credentials, item links and binary data', async () => {
		const run = await engine.run(workflow, {
			start: 'Greet',
			items: [{ json: { name: 'Ann' } }, { json: { name: 'Bob' } }],
		});
		expect(run.status).toBe('success');
		const items = itemsOf(run, 'Greet');
		expect(items.map(({ json }) => json.text)).toEqual(['Hello Ann', 'Hello Bob']);
		expect(items[1]!.pairedItem).toEqual({ item: 1 });
		const inFiles = items[0]!.binary!.file!.id?.startsWith('filesystem') ?? false;
		expect(inFiles).toBe(binaryData === 'filesystem');
	});

	it('ends in error with the item that failed', async () => {
		const run = await engine.run(workflow, { start: 'Greet', items: [{ json: { name: '' } }] });
		expect(run.status).toBe('error');
		expect(run.data.resultData.error).toMatchObject({
			message: 'No name',
			context: { itemIndex: 0 },
		});
	});

	it('keeps the execution id that a retry is given', async () => {
		const run = await engine.run(workflow, {
			start: 'Greet',
			items: [{ json: { name: 'Ann' } }],
			executionId: '4711',
		});
		expect(itemsOf(run, 'Greet')[0]!.json.execution).toBe('4711');
	});

	it('turns events of a trigger into executions, each deduplication key once', async () => {
		const trigger = await engine.activate(workflow, 'Bell');
		bells[0]!('Ann');
		bells[0]!('Ann');
		bells[0]!('Bob');
		await trigger.waitForRuns(2);
		await trigger.close();
		expect(bells).toHaveLength(0);
		// n8n runs them side by side, so either may end first.
		const texts = trigger.runs.map((run) => itemsOf(run, 'Greet')[0]!.json.text);
		expect(texts.sort()).toEqual(['Hello Ann', 'Hello Bob']);
	});

	it('answers list searches', async () => {
		expect(await engine.listSearch(greet, 'names')).toEqual({
			results: [{ name: 'Ann', value: 'ann' }],
		});
	});
});
