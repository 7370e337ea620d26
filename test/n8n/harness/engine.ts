/**
 * Our node classes in n8n-core's own execution engine, inside the jest process: real expressions,
 * item linking, binary data, retries and error handling, without the half minute of a whole n8n.
 *
 * What n8n's server adds around n8n-core is stood in for here, as thinly as it goes: node types and
 * credentials come from what the test hands in, and an event that a trigger emits becomes an
 * execution at once (with n8n's rule that a deduplication key runs once).
 */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Container } from '@n8n/di';
import {
	BinaryDataConfig,
	BinaryDataService,
	CredentialTestContext,
	ExecutionLifecycleHooks,
	ExternalSecretsProxy,
	InstanceSettings,
	LoadOptionsContext,
	TriggerContext,
	WorkflowExecute,
} from 'n8n-core';
import {
	createRunExecutionData,
	Workflow,
	type IConnections,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IDataObject,
	type INode,
	type INodeCredentialTestResult,
	type INodeExecutionData,
	type INodeListSearchResult,
	type INodeType,
	type IRun,
	type ITriggerFunctions,
	type ITriggerResponse,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { TestCredentials, TestNodeTypes, type TestCredential } from './engineTypes';
import { waitFor } from './wait';

export interface EngineOptions {
	/** Instances of the node classes under test. In workflows they are `PACKAGE.<name>`. */
	nodeTypes: INodeType[];
	credentialTypes?: ICredentialType[];
	/** By credential id. */
	credentials?: Record<string, TestCredential>;
	/** Where n8n keeps binary data: in memory ('default') or in files. */
	binaryData?: 'default' | 'filesystem';
}

export interface EngineWorkflow {
	id?: string;
	name?: string;
	nodes: INode[];
	connections: IConnections;
}

export class Engine {
	#executions = 0;

	private constructor(
		/** The user folder that n8n believes in; our embedded storage lands here too. */
		readonly home: string,
		private readonly nodeTypes: TestNodeTypes,
		private readonly credentials: TestCredentials,
	) {}

	static async create(options: EngineOptions): Promise<Engine> {
		const home = mkdtempSync(path.join(tmpdir(), 'engine-'));
		// n8n-core reads these when its settings are first asked for; an engine before this one in the
		// same test file has had its own.
		Container.reset();
		process.env.N8N_USER_FOLDER = home;
		process.env.N8N_ENCRYPTION_KEY = 'engine-encryption-key';
		process.env.N8N_LOG_LEVEL = 'silent';
		await Container.get(InstanceSettings).initialize({
			findActiveByType: async () => null,
			insertOrIgnore: async () => {},
			findActiveSigningSecret: async () => null,
			seedSigningSecret: async () => {},
		});
		Container.get(BinaryDataConfig).mode = options.binaryData ?? 'default';
		await Container.get(BinaryDataService).init();
		return new Engine(
			home,
			new TestNodeTypes(options.nodeTypes),
			new TestCredentials(options.credentialTypes ?? [], options.credentials ?? {}),
		);
	}

	/** Removes what was stored. Triggers have to be closed before. */
	async close() {
		await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
	}

	/**
	 * Runs a workflow to its end, starting at `start` with `items` as its input.
	 *
	 * @param start a node's name; the first node unless given
	 */
	async run(
		json: EngineWorkflow,
		{
			start = json.nodes[0]!.name,
			items = [{ json: {} }],
			mode = 'integrated',
			executionId = String(++this.#executions),
		}: {
			start?: string;
			items?: INodeExecutionData[];
			mode?: WorkflowExecuteMode;
			/** The id of an execution that is run again, to see what a retry does. */
			executionId?: string;
		} = {},
	): Promise<IRun> {
		const workflow = this.#workflow(json);
		return await this.#execute(workflow, start, [items], mode, executionId);
	}

	/** Starts a workflow's trigger as n8n does when the workflow becomes active. */
	async activate(json: EngineWorkflow, triggerName: string): Promise<ActiveTrigger> {
		const workflow = this.#workflow(json);
		const node = workflow.getNode(triggerName)!;
		const type = this.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		const additionalData = this.#additionalData(workflow);
		const runs: IRun[] = [];
		const errors: Error[] = [];
		const keys = new Set<string>();
		const emit: ITriggerFunctions['emit'] = (data, _response, done, deduplicationKey) => {
			if (deduplicationKey !== undefined) {
				if (keys.has(deduplicationKey)) return done?.resolve(undefined as never);
				keys.add(deduplicationKey);
			}
			const executionId = String(++this.#executions);
			void this.#execute(workflow, triggerName, data, 'trigger', executionId).then(
				(run) => {
					runs.push(run);
					done?.resolve(run);
				},
				(error: Error) => done?.reject(error),
			);
		};
		const context = new TriggerContext(
			workflow,
			node,
			additionalData,
			'trigger',
			'activate',
			emit,
			(error) => errors.push(error),
		);
		const response = await type.trigger!.call(context);
		return new ActiveTrigger(runs, errors, response);
	}

	/** The credential test with this name, as n8n calls it. */
	async testCredential(
		type: INodeType,
		method: string,
		credential: { id: string; name: string; type: string; data: IDataObject },
	): Promise<INodeCredentialTestResult> {
		const test = type.methods!.credentialTest![method]!;
		const context = new CredentialTestContext(this.#additionalData(this.#workflow(EMPTY)));
		return await test.call(context, {
			...credential,
			data: credential.data as ICredentialDataDecryptedObject,
		});
	}

	/** One of a node's list searches, as the editor asks for it. */
	async listSearch(
		node: INode,
		method: string,
		filter?: string,
		paginationToken?: string,
	): Promise<INodeListSearchResult> {
		const workflow = this.#workflow({ nodes: [node], connections: {} });
		const type = this.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		const context = new LoadOptionsContext(
			workflow,
			workflow.getNode(node.name)!,
			this.#additionalData(workflow),
			'',
		);
		return await type.methods!.listSearch![method]!.call(context, filter, paginationToken);
	}

	#workflow = (json: EngineWorkflow) =>
		new Workflow({
			id: json.id ?? 'workflow',
			name: json.name ?? 'Test',
			nodes: structuredClone(json.nodes),
			connections: json.connections,
			active: false,
			nodeTypes: this.nodeTypes,
			settings: { executionOrder: 'v1' },
		});

	async #execute(
		workflow: Workflow,
		start: string,
		data: INodeExecutionData[][],
		mode: WorkflowExecuteMode,
		executionId: string,
	): Promise<IRun> {
		const node = workflow.getNode(start);
		if (!node) throw new Error(`The workflow has no node "${start}".`);
		const additionalData = this.#additionalData(workflow);
		additionalData.executionId = executionId;
		additionalData.hooks = new ExecutionLifecycleHooks(mode, executionId, {
			id: workflow.id,
			name: workflow.name ?? '',
			active: false,
			activeVersionId: null,
			isArchived: false,
			createdAt: new Date(),
			updatedAt: new Date(),
			nodes: Object.values(workflow.nodes),
			connections: workflow.connectionsBySourceNode,
		});
		const runData = createRunExecutionData({
			executionData: {
				nodeExecutionStack: [{ node, data: { main: data }, source: null }],
			},
		});
		return await new WorkflowExecute(additionalData, mode, runData).processRunExecutionData(
			workflow,
		);
	}

	#additionalData(workflow: Workflow): IWorkflowExecuteAdditionalData {
		const base = 'http://127.0.0.1:5678';
		const absent = (what: string) => async () => {
			throw new Error(`The engine harness has no ${what}.`);
		};
		return {
			credentialsHelper: this.credentials,
			externalSecretsProxy: Container.get(ExternalSecretsProxy),
			executeWorkflow: absent('sub-workflows'),
			getRunExecutionData: async () => undefined,
			getRuntimeCredential: async () => undefined,
			startRunnerTask: absent('task runners'),
			logAiEvent: () => {},
			currentNodeExecutionIndex: 0,
			variables: {},
			workflowId: workflow.id,
			restApiUrl: `${base}/rest`,
			instanceBaseUrl: base,
			formBaseUrl: `${base}/form`,
			formWaitingBaseUrl: `${base}/form-waiting`,
			formTestBaseUrl: `${base}/form-test`,
			webhookBaseUrl: `${base}/webhook`,
			webhookWaitingBaseUrl: `${base}/webhook-waiting`,
			webhookTestBaseUrl: `${base}/webhook-test`,
			mcpBaseUrl: `${base}/mcp`,
			mcpTestBaseUrl: `${base}/mcp-test`,
		};
	}
}

const EMPTY: EngineWorkflow = { nodes: [], connections: {} };

/** A started trigger, and the executions that its events became. */
export class ActiveTrigger {
	constructor(
		/** Ended executions, in the order in which they ended. */
		readonly runs: readonly IRun[],
		/** What the trigger reported with emitError. */
		readonly errors: readonly Error[],
		private readonly response: ITriggerResponse | undefined,
	) {}

	/** Waits until `count` executions have ended. */
	waitForRuns(count: number) {
		return waitFor(`${count} executions`, () => this.runs.length >= count && this.runs, {
			describe: () => `There are ${this.runs.length}.`,
		});
	}

	/** Deactivation. */
	async close() {
		await this.response?.closeFunction?.();
	}
}

/** The items that a node of the run gave out (of its last run, on its first output). */
export function itemsOf(run: IRun, node: string): INodeExecutionData[] {
	return run.data.resultData.runData[node]?.at(-1)?.data?.main?.[0] ?? [];
}
