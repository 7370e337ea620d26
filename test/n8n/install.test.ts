/**
 * Installed, updated, removed and installed again while n8n runs, by n8n's own code behind Settings >
 * Community nodes: one socket a number, nothing lost, nothing twice.
 */
import { WhatsAppServer, type Phone } from '../whatsapp';
import { PACKAGE_NAME } from './harness/install';
import { linkByTest, type LinkedCredential } from './harness/link';
import { N8n } from './harness/n8n';
import { Registry } from './harness/registry';
import { story } from './harness/story';
import { waitFor } from './harness/wait';
import { node, withCredential } from './harness/workflows';

const OWN = '+1 555 010 0107';
const CUSTOMERS = ['+1 555 010 0108', '+1 555 010 0109'];
const NEXT = '99.0.0';

interface Installed {
	packageName: string;
	installedVersion: string;
	updateAvailable?: string;
	failedLoading?: boolean;
	installedNodes: Array<{ name: string; type: string }>;
}

describe('Settings > Community nodes', () => {
	let registry: Registry;
	let server: WhatsAppServer;
	let n8n: N8n;
	let customers: Phone[];
	let credential: LinkedCredential;
	let workflowId: string;
	let statusId: string;

	const step = story('install', async () => ({
		'n8n.log': n8n.log(),
		'server.log': server.dump(),
		'executions.json': await executions(),
	}));

	beforeAll(async () => {
		registry = await Registry.start();
		server = await WhatsAppServer.start();
		n8n = await N8n.start({
			env: { ...server.env(), ...registry.env() },
			installed: false,
		});
		customers = await Promise.all(CUSTOMERS.map((number) => server.phone(number)));
	}, 300_000);

	afterAll(async () => {
		await n8n?.stop();
		await server?.stop();
		await registry?.stop();
	}, 180_000);

	const install = () => n8n.rest.post<Installed>('/community-packages', { name: PACKAGE_NAME });
	const remove = () => n8n.rest.delete(`/community-packages?name=${PACKAGE_NAME}`);
	const update = (version: string) =>
		n8n.rest.patch<Installed>('/community-packages', { name: PACKAGE_NAME, version });
	const listed = () => n8n.rest.get<Installed[]>('/community-packages');
	const device = () => [...server.account(OWN).devices.values()].find(({ id }) => id !== 0)!;

	const executions = async () => {
		const all = await n8n.rest.executions(workflowId);
		return JSON.stringify(await Promise.all(all.map(({ id }) => n8n.rest.execution(id))), null, 1);
	};

	const answersTo = (customer: Phone, text: string) =>
		customer.messages.filter((message) => message.text === `You wrote: ${text}`);
	const answered = async (customer: Phone, text: string) =>
		await waitFor(`the answer to "${text}"`, () => answersTo(customer, text).length > 0, {
			timeoutMs: 90_000,
		});
	const asked: Array<[customer: Phone, text: string]> = [];
	const ask = async (customer: Phone, text: string) => {
		asked.push([customer, text]);
		await customer.sendText(OWN, text);
	};

	/** Both customers write, again as soon as they are answered, until this is done. */
	async function whileTheyWrite<T>(name: string, work: () => Promise<T>): Promise<T> {
		let done = false;
		const writing = customers.map(async (customer) => {
			for (let count = 1; !done; count++) {
				await ask(customer, `${name} ${count}`);
				await answered(customer, `${name} ${count}`);
			}
		});
		try {
			return await work();
		} finally {
			done = true;
			await Promise.all(writing);
		}
	}

	const status = async () => {
		const { data } = await n8n.rest.runToEnd(statusId, 'Start');
		const [item] = data.resultData.runData.Status?.[0]?.data?.main?.[0] ?? [];
		return item?.json as { versions?: { package?: string }; state?: string } | undefined;
	};

	step(
		'n8n installs it from the tarball, with its dependencies',
		async () => {
			const { installedVersion, installedNodes } = await install();
			expect(installedVersion).toBe(registry.latest);
			expect(installedNodes.map(({ type }) => type).sort()).toEqual([
				`${PACKAGE_NAME}.whatsAppLinked`,
				`${PACKAGE_NAME}.whatsAppLinkedTrigger`,
			]);
			const [entry] = await listed();
			expect(entry).toMatchObject({ packageName: PACKAGE_NAME, failedLoading: false });
			expect(entry?.updateAvailable).toBeUndefined();
		},
		240_000,
	);

	step('a number is linked and a workflow answers, without a restart', async () => {
		credential = await linkByTest(n8n.rest, await server.phone(OWN, { name: 'Olivia' }));
		const answering = withCredential(
			{
				name: 'Answering',
				nodes: [
					node('Heard', 'whatsAppLinkedTrigger', {
						events: ['message.received'],
						filters: {},
						options: {},
					}),
					node('Answer', 'whatsAppLinked', {
						resource: 'message',
						operation: 'sendText',
						chat: { __rl: true, mode: 'id', value: '={{ $json.chat }}' },
						text: '=You wrote: {{ $json.text }}',
					}),
				],
				connections: { Heard: { main: [[{ node: 'Answer', type: 'main', index: 0 }]] } },
			},
			credential,
		);
		workflowId = (await n8n.rest.createWorkflow(answering)).id;
		const asking = withCredential(
			{
				name: 'Status',
				nodes: [
					node('Start', 'n8n-nodes-base.manualTrigger'),
					node('Status', 'whatsAppLinked', { resource: 'session', operation: 'getStatus' }),
				],
				connections: { Start: { main: [[{ node: 'Status', type: 'main', index: 0 }]] } },
			},
			credential,
		);
		statusId = (await n8n.rest.createWorkflow(asking)).id;
		await n8n.rest.activate(workflowId);
		await ask(customers[0]!, 'first');
		await answered(customers[0]!, 'first');
	});

	step(
		'an update is offered, and n8n takes it while messages come',
		async () => {
			registry.publish(NEXT);
			expect((await listed())[0]?.updateAvailable).toBe(NEXT);
			const before = device().logins.all;
			await whileTheyWrite('during the update', async () => {
				expect((await update(NEXT)).installedVersion).toBe(NEXT);
				// The trigger still runs on the old code; the first use of the new takes the number over.
				expect((await status())?.versions?.package).toBe(NEXT);
			});
			expect(device().logins.all - before).toBe(1);
		},
		300_000,
	);

	step('the workflow still answers, and can be switched off and on again', async () => {
		await ask(customers[1]!, 'after the update');
		await answered(customers[1]!, 'after the update');
		await n8n.rest.deactivate(workflowId);
		await ask(customers[1]!, 'while switched off');
		await n8n.rest.activate(workflowId);
		await answered(customers[1]!, 'while switched off');
	});

	step(
		'removed: the connection is closed, the number stays linked',
		async () => {
			await remove();
			expect(await listed()).toEqual([]);
			await waitFor('the connection to be closed', () => !device().online, { timeoutMs: 60_000 });
			expect(server.account(OWN).devices.has(device().id)).toBe(true);
			await ask(customers[0]!, 'while removed');
		},
		180_000,
	);

	step(
		'installed again: what came meanwhile is answered',
		async () => {
			await install();
			await answered(customers[0]!, 'while removed');
			expect((await status())?.state).toBe('open');
		},
		240_000,
	);

	step('never two connections of the number, and each message answered once', () => {
		expect(device().logins.beside).toBe(0);
		const counts = asked.map(([customer, text]) => `${text}: ${answersTo(customer, text).length}`);
		expect(counts).toEqual(asked.map(([, text]) => `${text}: 1`));
		expect(asked.length).toBeGreaterThan(10);
	});

	step('n8n ends in good order', async () => {
		const online = device();
		await n8n.end();
		expect(online.online).toBeUndefined();
		expect(n8n.log()).not.toMatch(/unhandled|uncaught/i);
	});
});
