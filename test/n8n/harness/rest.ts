/** n8n's own REST interface, as its editor uses it, with the owner logged in. */
import type { IDataObject, INodeExecutionData, IWorkflowBase } from 'n8n-workflow';
import { unflatten } from './flatted';
import { waitFor } from './wait';

export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Olivia',
	lastName: 'Owner',
	password: 'Linked-Device-1',
};

/** What a test needs to say of a workflow; the rest has defaults. */
export type WorkflowJson = Pick<IWorkflowBase, 'name' | 'nodes' | 'connections'> &
	Partial<Pick<IWorkflowBase, 'settings' | 'pinData'>>;

export interface CredentialJson {
	name: string;
	type: string;
	data: IDataObject;
}

export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

export interface ExecutionSummary {
	id: string;
	status: string;
	mode: string;
	workflowId: string;
}

interface RunError {
	message: string;
	description?: string | null;
}

/** The part of n8n's run data that tests look at. */
export interface Execution extends ExecutionSummary {
	data: {
		resultData: {
			error?: RunError;
			lastNodeExecuted?: string;
			runData: Record<
				string,
				Array<{
					error?: RunError;
					executionStatus?: string;
					hints?: Array<{ message: string }>;
					data?: { main?: Array<INodeExecutionData[] | null> };
				}>
			>;
		};
	};
}

interface PublicationStatus {
	status: string;
	triggers: Array<{ status: 'activated' | 'failed'; errorMessage: string | null }>;
}

const ENDED = ['success', 'error', 'crashed', 'canceled'];

/** The request reached n8n, and n8n said no. */
export class RestError extends Error {
	override readonly name = 'RestError';
	constructor(
		readonly status: number,
		readonly request: string,
		message: string,
	) {
		super(`${request}: ${status} ${message}`);
	}
}

export class Rest {
	#cookie = '';

	constructor(readonly url: string) {}

	get = <T>(path: string) => this.#call<T>('GET', path);
	post = <T>(path: string, body: object = {}) => this.#call<T>('POST', path, body);
	patch = <T>(path: string, body: object) => this.#call<T>('PATCH', path, body);
	delete = <T>(path: string) => this.#call<T>('DELETE', path);

	/** Makes the owner account of a fresh n8n and logs in. */
	async setUpOwner() {
		await this.post('/owner/setup', OWNER);
	}

	async logIn() {
		await this.post('/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
	}

	createCredential(credential: CredentialJson) {
		return this.post<{ id: string; name: string; type: string }>('/credentials', credential);
	}

	/** The credential test, as the editor starts it after Save and with Retry. */
	testCredential(credential: CredentialJson & { id: string }) {
		return this.post<CredentialTestResult>('/credentials/test', { credentials: credential });
	}

	createWorkflow(workflow: WorkflowJson) {
		return this.post<{ id: string; versionId: string }>('/workflows', {
			settings: { executionOrder: 'v1' },
			...workflow,
		});
	}

	/**
	 * Publishes the newest version, which is what makes a workflow active in n8n 2. n8n starts the
	 * triggers after it has answered, so this waits for them and rejects if one cannot start.
	 */
	async activate(workflowId: string) {
		const { versionId } = await this.get<{ versionId: string }>(`/workflows/${workflowId}`);
		await this.post(`/workflows/${workflowId}/activate`, { versionId });
		const { triggers } = await this.#settled(workflowId);
		const failed = triggers.find(({ status }) => status === 'failed');
		if (failed) throw new Error(`Workflow ${workflowId} not active: ${failed.errorMessage}`);
	}

	/** Resolves when the workflow's triggers have been closed. */
	async deactivate(workflowId: string) {
		await this.post(`/workflows/${workflowId}/deactivate`);
		await this.#settled(workflowId);
	}

	#settled(workflowId: string) {
		return waitFor(`n8n to start or stop the triggers of workflow ${workflowId}`, async () => {
			const state = await this.get<PublicationStatus>(
				`/workflows/${workflowId}/publication-status`,
			);
			return state.status !== 'in_progress' && state;
		});
	}

	/** Saves a new version; activate() publishes it. */
	async updateWorkflow(workflowId: string, change: Partial<WorkflowJson>) {
		const { versionId } = await this.get<{ versionId: string }>(`/workflows/${workflowId}`);
		await this.patch(`/workflows/${workflowId}`, { ...change, versionId });
	}

	/** "Execute workflow" in the editor. Resolves with the id of the execution. */
	async run(workflowId: string, trigger: string) {
		const { executionId } = await this.post<{ executionId: string }>(
			`/workflows/${workflowId}/run`,
			{ triggerToStartFrom: { name: trigger } },
		);
		return executionId;
	}

	/** Runs and waits for the end. */
	async runToEnd(workflowId: string, trigger: string) {
		return await this.waitForEnd(await this.run(workflowId, trigger));
	}

	/** The newest 100 executions of a workflow, newest first. */
	async executions(workflowId: string, status?: string) {
		const filter = encodeURIComponent(
			JSON.stringify({ workflowId, ...(status ? { status: [status] } : {}) }),
		);
		const { results } = await this.get<{ results: ExecutionSummary[] }>(
			`/executions?filter=${filter}&limit=100`,
		);
		return results;
	}

	async execution(id: string): Promise<Execution> {
		const raw = await this.get<Omit<Execution, 'data'> & { data: string }>(`/executions/${id}`);
		return { ...raw, data: unflatten<Execution['data']>(raw.data) };
	}

	async waitForEnd(executionId: string) {
		return await waitFor(`execution ${executionId} to end`, async () => {
			const execution = await this.execution(executionId);
			return ENDED.includes(execution.status) && execution;
		});
	}

	/** Waits until the workflow has an execution that has ended, however it did; newest first. */
	waitForAny(workflowId: string, timeoutMs: number) {
		return waitFor(
			'an execution to end',
			async () => {
				const found = await this.executions(workflowId);
				const ended = found.filter(({ status }) => ENDED.includes(status));
				return ended.length > 0 && ended;
			},
			{ timeoutMs, everyMs: 250 },
		);
	}

	/** Waits until the workflow has `count` executions in this status; newest first. */
	waitForExecutions(workflowId: string, count: number, status = 'success') {
		return waitFor(`${count} executions with status ${status}`, async () => {
			const found = await this.executions(workflowId, status);
			return found.length >= count && found;
		});
	}

	async #call<T>(method: string, path: string, body?: object): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: {
				'content-type': 'application/json',
				'browser-id': 'test',
				...(this.#cookie ? { cookie: this.#cookie } : {}),
			},
			...(body ? { body: JSON.stringify(body) } : {}),
		});
		const cookie = response.headers.getSetCookie().find((each) => each.startsWith('n8n-auth='));
		if (cookie) this.#cookie = cookie.split(';')[0]!;
		const text = await response.text();
		if (!response.ok)
			throw new RestError(response.status, `${method} ${path}`, text.slice(0, 2000));
		return (text ? (JSON.parse(text) as { data: T }).data : undefined) as T;
	}
}
