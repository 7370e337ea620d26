/**
 * The stand-in WhatsApp server: unmodified Baileys clients use it as if it were WhatsApp.
 *
 *     const server = await WhatsAppServer.start();
 *     Object.assign(process.env, server.env());      // for the product; NODE_EXTRA_CA_CERTS before start
 *     const anna = await server.phone('+1 555 0101', { name: 'Anna' });
 *     await anna.scan(qrText);
 *     await anna.sendText('+1 555 0102', 'hi');
 *     await server.stop();
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InProcessDevice, PhoneHost, ServerLink } from './contract';
import { Phone } from './phone';
import { Controls } from './server/controls';
import { Core } from './server/core';
import type { Forgery } from './server/noise';
import { waitFor } from './server/waits';

export { LinkError, MessageRefused, type Phone } from './phone';

export interface WhatsAppServerOptions {
	/** 0 = any free port. */
	port?: number;
	/** Shows a certificate chain that clients must refuse, although `rootKey` is what they trust. */
	forgery?: Forgery;
	/** How long the first QR reference is valid; milliseconds, default 60 000. */
	qrFirstMs?: number;
	/** How long each of the five others is valid after it; milliseconds, default 20 000. */
	qrNextMs?: number;
}

export class WhatsAppServer extends Controls implements PhoneHost {
	private readonly phones = new Map<string, Promise<Phone>>();

	private constructor(
		core: Core,
		private readonly folder: string,
		/** The authority's certificate as a file, for NODE_EXTRA_CA_CERTS. */
		readonly caPath: string,
	) {
		super(core);
	}

	static async start(options: WhatsAppServerOptions = {}): Promise<WhatsAppServer> {
		const core = await Core.start({
			port: options.port ?? 0,
			forgery: options.forgery,
			qrFirstMs: options.qrFirstMs ?? 60_000,
			qrNextMs: options.qrNextMs ?? 20_000,
		});
		const folder = await mkdtemp(join(tmpdir(), 'whatsapp-stand-in-'));
		const caPath = join(folder, 'ca.pem');
		await writeFile(caPath, core.tls.ca);
		return new WhatsAppServer(core, folder, caPath);
	}

	async stop(): Promise<void> {
		await this.core.stop();
		await rm(this.folder, { recursive: true, force: true });
	}

	/** `wss://127.0.0.1:port/ws/chat` */
	get url(): string {
		return `wss://${this.core.listener.host}/ws/chat`;
	}

	/** The public root key of the Noise certificate chain, 32 bytes. */
	get rootKey(): Buffer {
		return this.core.identity.root;
	}

	/** The TLS authority, PEM. */
	get caPem(): string {
		return this.core.tls.ca;
	}

	/**
	 * The phone of this number: made (with an account, and online) when it is asked for first, the
	 * same one ever after. Name and LID are of use the first time only.
	 */
	async phone(number: string, { name, lid }: { name?: string; lid?: string } = {}): Promise<Phone> {
		const digits = number.replace(/\D/g, '');
		const phone =
			this.phones.get(digits) ?? Phone.create(this, { phone: digits, lid, pushName: name });
		this.phones.set(digits, phone);
		return await phone;
	}

	/** The three variables that make the product use this server. */
	env(): Record<
		'WHATSAPP_LINKED_URL' | 'WHATSAPP_LINKED_ROOT_KEY' | 'NODE_EXTRA_CA_CERTS',
		string
	> {
		return {
			WHATSAPP_LINKED_URL: this.url,
			WHATSAPP_LINKED_ROOT_KEY: this.rootKey.toString('hex'),
			NODE_EXTRA_CA_CERTS: this.caPath,
		};
	}

	// What phones use (contract.ts)

	get mediaUrl(): string {
		return `https://${this.core.listener.host}`;
	}

	connect(device: InProcessDevice, pushName: string): ServerLink {
		return this.core.connect(device, pushName);
	}

	async waitFor<T>(what: string, probe: () => T | undefined, timeoutMs?: number): Promise<T> {
		return await waitFor(this.core.service.recorder, what, probe, timeoutMs);
	}

	now(): number {
		return this.core.service.now();
	}
}
