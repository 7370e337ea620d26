/** The action node in n8n-core's own engine, linked to a phone of the stand-in. */
import * as tls from 'node:tls';
import type { WASocket } from '@whiskeysockets/baileys';
import type {
	IDataObject,
	INode,
	INodeExecutionData,
	INodeListSearchResult,
	IRun,
} from 'n8n-workflow';
import { WhatsAppLinkedApi } from '../../credentials/WhatsAppLinkedApi.credentials';
import { WhatsAppLinked } from '../../nodes/WhatsAppLinked/WhatsAppLinked.node';
import { readCredential, runtime, type AccountSettings } from '../../src/runtime';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { Engine, itemsOf } from '../n8n/harness/engine';
import { until } from './until';

export interface Sent extends IDataObject {
	messageId: string;
	chat: string;
	status: string;
}

export interface SendOptions {
	items?: INodeExecutionData[];
	executionId?: string;
	continueOnFail?: boolean;
	/** As the tool of an AI agent. */
	asTool?: boolean;
}

export class Sender {
	/** What the node's number is. */
	me!: Phone;

	private constructor(
		readonly server: WhatsAppServer,
		readonly engine: Engine,
		readonly settings: AccountSettings,
		private readonly before: NodeJS.ProcessEnv,
		private readonly authorities: string[],
	) {}

	/**
	 * One per test file.
	 * @param data more fields of the credential
	 * @param platform `smba` for a business
	 * @param link links the number elsewhere than in this process
	 * @param prepare what happens before the number is linked, to `me` and others
	 */
	static async start(
		data: IDataObject = {},
		binaryData: 'default' | 'filesystem' = 'default',
		platform = 'android',
		link?: (sender: Sender) => Promise<void>,
		prepare?: (sender: Sender) => Promise<void>,
	): Promise<Sender> {
		const before = { ...process.env };
		const server = await WhatsAppServer.start();
		// Raw speed and many messages to people who never wrote; safety has tests of its own.
		const credential = { storage: 'automatic', safetyProfile: 'off', ...data };
		const engine = await Engine.create({
			nodeTypes: [new WhatsAppLinked(), asTool(new WhatsAppLinked())],
			credentialTypes: [new WhatsAppLinkedApi()],
			credentials: { number: { type: 'whatsAppLinkedApi', data: credential } },
			binaryData,
		});
		Object.assign(process.env, server.env());
		const authorities = tls.getCACertificates('default');
		// NODE_EXTRA_CA_CERTS is read when Node starts; this says the same to a running one.
		tls.setDefaultCACertificates([...authorities, server.caPem]);
		const settings = readCredential({ id: 'number', name: 'Number' }, credential);
		const sender = new Sender(server, engine, settings, before, authorities);
		sender.me = await server.phone('+1 555 010 0100', { name: 'Me' });
		sender.me.platform = platform;
		await prepare?.(sender);
		await (link?.(sender) ?? sender.link());
		return sender;
	}

	async stop(): Promise<void> {
		await runtime().close();
		await this.server.stop();
		await this.engine.close();
		tls.setDefaultCACertificates(this.authorities);
		process.env = this.before;
	}

	/** Runs the node once; resolves with n8n's record of the execution. */
	async run(
		operation: string,
		parameters: IDataObject,
		{ items, executionId, continueOnFail, asTool: isTool }: SendOptions = {},
	): Promise<IRun> {
		const onError = continueOnFail ? { onError: 'continueRegularOutput' as const } : {};
		const type = isTool ? { type: `${TYPE}Tool` } : {};
		return await this.engine.run(
			{ nodes: [{ ...node(operation, parameters), ...type, ...onError }], connections: {} },
			{ items, ...(executionId ? { executionId } : {}) },
		);
	}

	/** Runs the node and returns its items; throws the node's error. */
	async items(operation: string, parameters: IDataObject, options?: SendOptions) {
		const run = await this.run(operation, parameters, options);
		const { error } = run.data.resultData;
		if (error) throw error;
		return itemsOf(run, 'WhatsApp');
	}

	/** The one item that it gives out. */
	async send(operation: string, parameters: IDataObject, options?: SendOptions): Promise<Sent> {
		const [item] = await this.items(operation, parameters, options);
		return item?.json as Sent;
	}

	/** The code of the error that it ends with, and its text. */
	async refusal(
		operation: string,
		parameters: IDataObject,
		options?: SendOptions,
	): Promise<{ code?: string; message: string; description?: string }> {
		const run = await this.run(operation, parameters, options);
		const { error } = run.data.resultData;
		if (!error) throw new Error('It worked');
		const { message, description } = error;
		const code = /\((?<code>[a-z0-9-]+)\)$/.exec(description ?? '')?.groups?.code;
		return { code, message, description: description ?? undefined };
	}

	/** One of the node's list searches, as the editor asks for it. */
	async list(method: string, filter?: string): Promise<INodeListSearchResult> {
		return await this.engine.listSearch(node('getMany', {}), method, filter);
	}

	/** Waits until the number has seen a message that somebody sent. */
	async heard(id: string): Promise<void> {
		await runtime().use(this.settings, async ({ storage }) => {
			const seen = async () => (await storage.facts.get(`message:${id}`)) !== undefined;
			await until('the number to see the message', seen);
		});
	}

	/** The open socket under the node. */
	async socket(): Promise<WASocket> {
		return await runtime().use(this.settings, ({ session }) => session.whenOpen(20_000));
	}

	/** Waits until the first sync after linking is over. */
	async synced(): Promise<void> {
		await runtime().use(this.settings, async ({ session }) => {
			await until(
				'the first sync',
				() => (session.openSocket?.authState.creds.accountSyncCounter ?? 0) > 0,
			);
		});
	}

	/** Links the credential to a phone, and waits for its keys. */
	async link(phone = this.me): Promise<void> {
		await runtime().use(this.settings, async (number) => {
			const offer = (await number.submit({
				operation: 'session.getQr',
				params: {},
				idempotencyKey: `link ${phone.number}`,
				deadline: Date.now() + 20_000,
			})) as { qr?: string };
			await phone.scan(String(offer.qr));
			const open = await number.session.waitFor(({ name }) => name === 'open', 20_000);
			if (open?.name !== 'open') throw new Error('The number was not linked');
			// The phone hands its keys over right after linking; stars and the like need them.
			await until('the keys of the phone', () =>
				Boolean(number.session.openSocket?.authState.creds.myAppStateKeyId),
			);
		});
	}
}

const TYPE = 'n8n-nodes-whatsapp-linked.whatsAppLinked';

/** The name is what n8n's own conversion to a tool changes, of what the node sees. */
function asTool(node: WhatsAppLinked): WhatsAppLinked {
	node.description = { ...node.description, name: `${node.description.name}Tool` };
	return node;
}

const node = (operation: string, parameters: IDataObject): INode => ({
	id: 'node-1',
	name: 'WhatsApp',
	type: TYPE,
	typeVersion: 1,
	position: [0, 0],
	parameters: { resource: 'message', operation, ...parameters } as INode['parameters'],
	credentials: { whatsAppLinkedApi: { id: 'number', name: 'Number' } },
});

/** The Chat field as the editor stores it. */
export const chat = (value: string) => ({ __rl: true, mode: 'id', value });
