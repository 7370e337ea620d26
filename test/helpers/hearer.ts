/** The trigger node in n8n-core's own engine, linked to a phone of the stand-in. */
import * as tls from 'node:tls';
import {
	NodeConnectionTypes,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IRun,
} from 'n8n-workflow';
import { WhatsAppLinkedApi } from '../../credentials/WhatsAppLinkedApi.credentials';
import { WhatsAppLinked } from '../../nodes/WhatsAppLinked/WhatsAppLinked.node';
import { WhatsAppLinkedTrigger } from '../../nodes/WhatsAppLinkedTrigger/WhatsAppLinkedTrigger.node';
import { readCredential, runtime, type AccountSettings } from '../../src/runtime';
import { Engine, itemsOf, type ActiveTrigger, type EngineWorkflow } from '../n8n/harness/engine';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { until } from './until';

/** Fails for texts that begin with "fail". */
class Fragile implements INodeType {
	description = {
		displayName: 'Fragile',
		name: 'fragile',
		group: ['transform' as const],
		version: 1,
		description: 'Fails',
		defaults: { name: 'Fragile' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	async execute(this: IExecuteFunctions) {
		const items = this.getInputData();
		if (items.some(({ json }) => String(json.text).startsWith('fail'))) {
			throw new NodeOperationError(this.getNode(), 'It always fails');
		}
		return await Promise.resolve([items]);
	}
}

/** Credentials of the engine. The first is linked by start(). */
type NumberId = 'number' | 'second' | 'third';

export class Hearer {
	/** What the first number is. */
	me!: Phone;
	anna!: Phone;
	ben!: Phone;
	private readonly active: ActiveTrigger[] = [];
	private workflows = 0;

	private constructor(
		readonly server: WhatsAppServer,
		readonly engine: Engine,
		private readonly before: NodeJS.ProcessEnv,
		private readonly authorities: string[],
	) {}

	/** One per test file. */
	static async start(): Promise<Hearer> {
		const before = { ...process.env };
		const authorities = tls.getCACertificates('default');
		const server = await WhatsAppServer.start();
		const credential = { type: 'whatsAppLinkedApi', data: {} };
		const engine = await Engine.create({
			nodeTypes: [new WhatsAppLinkedTrigger(), new WhatsAppLinked(), new Fragile()],
			credentialTypes: [new WhatsAppLinkedApi()],
			credentials: { number: credential, second: credential, third: credential },
			binaryData: 'filesystem',
		});
		Object.assign(process.env, server.env());
		tls.setDefaultCACertificates([...authorities, server.caPem]);
		const hearer = new Hearer(server, engine, before, authorities);
		hearer.me = await server.phone('+1 555 010 0100', { name: 'Me' });
		hearer.anna = await server.phone('+1 555 010 0101', { name: 'Anna' });
		hearer.ben = await server.phone('+1 555 010 0102', { name: 'Ben' });
		await hearer.link('number', hearer.me);
		return hearer;
	}

	/** After each test. */
	async closeTriggers(): Promise<void> {
		for (const trigger of this.active.splice(0)) await trigger.close();
	}

	async stop(): Promise<void> {
		await runtime().close();
		await this.server.stop();
		await this.engine.close();
		tls.setDefaultCACertificates(this.authorities);
		process.env = this.before;
	}

	settings(id: NumberId = 'number'): AccountSettings {
		return readCredential({ id, name: 'Number' }, { storage: 'automatic' });
	}

	async link(id: NumberId, phone: Phone): Promise<void> {
		await runtime().use(this.settings(id), async (number) => {
			const offer = await number.submit({
				operation: 'session.getQr',
				params: {},
				idempotencyKey: `link ${id}`,
				deadline: Date.now() + 30_000,
			});
			await phone.scan(String((offer as { qr?: unknown }).qr));
			await until('the connection', () => number.session.state.name === 'open');
		});
	}

	/** A workflow of its own, unless an id is given: each keeps its own place. */
	workflow(
		parameters: IDataObject = {},
		{ id = `workflow-${++this.workflows}`, number = 'number' as NumberId } = {},
	): EngineWorkflow {
		const trigger: INode = {
			id: 'trigger',
			name: 'Trigger',
			type: 'n8n-nodes-whatsapp-linked.whatsAppLinkedTrigger',
			typeVersion: 1,
			position: [0, 0],
			parameters: parameters as never,
			credentials: { whatsAppLinkedApi: { id: number, name: 'Number' } },
		};
		const fragile: INode = {
			id: 'fragile',
			name: 'Fragile',
			type: 'n8n-nodes-whatsapp-linked.fragile',
			typeVersion: 1,
			position: [200, 0],
			parameters: {},
		};
		return {
			id,
			nodes: [trigger, fragile],
			connections: { Trigger: { main: [[{ node: 'Fragile', type: 'main', index: 0 }]] } },
		};
	}

	async activate(workflow: EngineWorkflow): Promise<ActiveTrigger> {
		const trigger = await this.engine.activate(workflow, 'Trigger');
		this.active.push(trigger);
		return trigger;
	}

	/** Execute Step in the editor. Throws the node's error. */
	async execute(
		parameters: IDataObject,
		number: NumberId = 'number',
	): Promise<INodeExecutionData[]> {
		const workflow = this.workflow(parameters, { number });
		const run = await this.engine.run(workflow, { start: 'Trigger', mode: 'manual' });
		const { error } = run.data.resultData;
		// n8n keeps the error as plain data.
		if (error) throw new Error(error.message);
		return itemsOf(run, 'Trigger');
	}
}

/** What the trigger gave out in one execution. */
export const itemsOfRun = (run: IRun | undefined) => (run ? itemsOf(run, 'Trigger') : []);

/** The texts of all events, in the order of the executions' ends. */
export const textsOf = ({ runs }: ActiveTrigger) =>
	runs.flatMap((run) => itemsOfRun(run).map(({ json }) => json.text));
