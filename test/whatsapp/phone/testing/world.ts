/** A stand-in server with phones and unmodified Baileys clients, for socket tests of the phones. */
import type { WhatsAppServer } from '../../index';
import { type Client, type ClientOptions, makeClient } from '../../testing/client';
import type { Companion, Phone } from '../index';

export interface LinkedClient {
	phone: Phone;
	client: Client;
	companion: Companion;
}

export class World {
	readonly phones: Phone[] = [];
	private readonly clients: Client[] = [];

	constructor(readonly server: WhatsAppServer) {}

	/** The phone of a number; the same one each time. */
	async phone(number: string, name: string, lid?: string): Promise<Phone> {
		const made = await this.server.phone(number, { name, lid });
		if (!this.phones.includes(made)) this.phones.push(made);
		return made;
	}

	/** A client that is nobody's yet, or that of an earlier one's device again. */
	async client(options?: ClientOptions): Promise<Client> {
		const made = await makeClient(this.server, options);
		this.clients.push(made);
		return made;
	}

	/** Links a new client to a phone by QR; it is online and has keys and history. */
	async link(phone: Phone, config: ClientOptions['config'] = {}): Promise<LinkedClient> {
		const first = await this.client({ config });
		const companion = await phone.scan(await first.qr());
		return await this.afterPairing(phone, first, companion, config);
	}

	/** What follows any kind of pairing: the client logs in anew and gets keys and history. */
	async afterPairing(
		phone: Phone,
		first: Client,
		companion: Companion,
		config: ClientOptions['config'] = {},
	): Promise<LinkedClient> {
		await first.closed();
		const client = await this.client({ auth: first.auth, config });
		await client.opened();
		await companion.ready;
		return { phone, client, companion };
	}

	/** What went wrong inside phones and server, with nobody waiting for it. */
	get problems(): Error[] {
		return [...this.phones.flatMap(({ problems }) => problems), ...this.server.failures];
	}

	async stop(): Promise<void> {
		for (const client of this.clients.splice(0)) await client.stop();
		await this.server.stop();
	}
}
