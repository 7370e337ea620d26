/** Linked clients in one line. */
import type { Phone, WhatsAppServer } from '../index';
import { makeClient, type Client, type ClientOptions } from './client';

export interface Linked {
	phone: Phone;
	client: Client;
	/** Address of the account by phone number. */
	pn: string;
	lid: string;
}

/** Keeps what a test starts, so that it can be stopped together. */
export class Bench {
	private readonly clients: Client[] = [];

	constructor(readonly server: WhatsAppServer) {}

	async client(options?: ClientOptions): Promise<Client> {
		const made = await makeClient(this.server, options);
		this.clients.push(made);
		return made;
	}

	/** A new account with one companion that is linked and online. */
	async linked(number: string, name: string, options: ClientOptions = {}): Promise<Linked> {
		return await this.companion(await this.server.phone(number, { name }), options);
	}

	/** One more companion of an account. */
	async companion(phone: Phone, options: ClientOptions = {}): Promise<Linked> {
		const first = await this.client(options);
		const { ready } = await phone.scan(await first.qr());
		await first.closed();
		const client = await this.client({ ...options, auth: first.auth });
		await client.opened();
		await ready;
		return {
			phone,
			client,
			pn: phone.jid,
			lid: phone.lid,
		};
	}

	/** The same device again, after its client has gone. */
	async again(linked: Linked, options: ClientOptions = {}): Promise<Linked> {
		const client = await this.client({ ...options, auth: linked.client.auth });
		return { ...linked, client };
	}

	/** Clients only; the server goes on. */
	async stopClients(): Promise<void> {
		for (const client of this.clients.splice(0)) await client.stop();
	}

	async stop(): Promise<void> {
		await this.stopClients();
		await this.server.stop();
	}
}
