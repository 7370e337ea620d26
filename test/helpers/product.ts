/** The product inside a test: a runtime, accounts, commands and listeners, against the stand-in. */
import * as tls from 'node:tls';
import { systemClock, type Clock } from '../../src/clock';
import type { LinkedEvent } from '../../src/events';
import { silentLog, type Log } from '../../src/log';
import type { JsonObject } from '../../src/operations';
import { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import type { StorageSettings } from '../../src/storage/open';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { until } from './until';
import { temporaryFolder } from './storage';

export interface Heard {
	events: LinkedEvent[];
	/** The next event that is heard from now on. */
	next(): Promise<LinkedEvent>;
	close(): Promise<void>;
}

/** Everything a test needs; stop() in afterAll. One per file. */
export class Product {
	private readonly runtimes: Runtime[] = [];
	private readonly folders: Array<() => void> = [];
	private accounts = 0;
	private people = 100;
	private commands = 0;

	private constructor(
		readonly server: WhatsAppServer,
		private readonly environment: NodeJS.ProcessEnv,
		private readonly authorities: string[],
	) {}

	static async start(): Promise<Product> {
		const server = await WhatsAppServer.start();
		const environment = { ...process.env };
		Object.assign(process.env, server.env(), { N8N_ENCRYPTION_KEY: 'test key' });
		// NODE_EXTRA_CA_CERTS is read when Node starts; this says the same to a running one.
		const authorities = tls.getCACertificates('default');
		tls.setDefaultCACertificates([...authorities, server.caPem]);
		return new Product(server, environment, authorities);
	}

	async stop(): Promise<void> {
		for (const runtime of this.runtimes.splice(0)) await runtime.close();
		await this.server.stop();
		for (const remove of this.folders.splice(0)) remove();
		tls.setDefaultCACertificates(this.authorities);
		process.env = this.environment;
	}

	/** A process of n8n, so to speak. */
	runtime(log: Log = silentLog, clock: Clock = systemClock): Runtime {
		const runtime = new Runtime(clock, log);
		this.runtimes.push(runtime);
		return runtime;
	}

	/** A phone number nobody else in this file has. */
	number(): string {
		return `+1 555 0${++this.people}`;
	}

	async phone(name: string): Promise<Phone> {
		return await this.server.phone(this.number(), { name });
	}

	embedded(): StorageSettings {
		const folder = temporaryFolder('linked');
		this.folders.push(() => folder.remove());
		return { kind: 'sqlite', folder: folder.path };
	}

	account(more: Partial<AccountSettings> = {}): AccountSettings {
		return {
			account: `credential-${++this.accounts}`,
			credentialName: 'Test',
			storage: more.storage ?? this.embedded(),
			deviceName: 'n8n',
			// Raw speed and many messages to people who never wrote; safety has tests of its own.
			options: { safetyProfile: 'off' },
			...more,
		};
	}

	/** Runs one operation as the action node does. */
	async run(
		runtime: Runtime,
		account: AccountSettings,
		operation: string,
		params: JsonObject = {},
		idempotencyKey = `test:${++this.commands}`,
	): Promise<JsonObject> {
		return (await runtime.use(account, async (number) =>
			number.submit({ operation, params, idempotencyKey, deadline: Date.now() + 30_000 }),
		)) as JsonObject;
	}

	/** Links the account to the phone by QR and waits until it is connected. */
	async link(runtime: Runtime, account: AccountSettings, phone: Phone): Promise<void> {
		const offer = await this.run(runtime, account, 'session.getQr');
		await phone.scan(String(offer.qr));
		await this.state(runtime, account, 'open');
	}

	/** Waits until the number is in this state, and returns its status. */
	async state(runtime: Runtime, account: AccountSettings, name: string): Promise<JsonObject> {
		return await until(`state ${name}`, async () => {
			const status = await this.run(runtime, account, 'session.getStatus');
			return status.state === name && status;
		});
	}

	/** An active trigger. */
	async listen(
		runtime: Runtime,
		account: AccountSettings,
		trigger = 'workflow/node',
		wants: (event: LinkedEvent) => boolean = isMessage,
	): Promise<Heard> {
		const events: LinkedEvent[] = [];
		const waiting: Array<(event: LinkedEvent) => void> = [];
		const listener = runtime.listen(() => Promise.resolve(account), {
			trigger,
			wants,
			async emit(ticket) {
				const envelope = await runtime.claim(account, ticket, `execution-${ticket.seq}`);
				if (!envelope) return;
				events.push(envelope.event);
				for (const resolve of waiting.splice(0)) resolve(envelope.event);
			},
			maxInFlight: 5,
			next: 'start',
			rerun: true,
			interest: RECEIPTS,
		});
		await listener.started();
		const next = async () =>
			await new Promise<LinkedEvent>((resolve) => {
				waiting.push(resolve);
			});
		return { events, next, close: async () => await listener.close() };
	}
}

/** Events that are stored only on demand. */
const RECEIPTS = {
	events: ['message.delivered', 'message.read', 'message.played'],
	presence: [],
};

const isMessage = ({ event }: LinkedEvent) =>
	event === 'message.received' || event === 'message.sent';
