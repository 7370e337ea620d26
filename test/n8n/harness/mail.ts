/** A mail server for tests: takes everything, delivers nothing, and shows what came. */
import { SMTPServer } from 'smtp-server';
import type { AddressInfo } from 'node:net';
import { waitFor } from './wait';

export class MailServer {
	/** Whole messages as they came. */
	readonly mails: string[] = [];
	readonly #server = new SMTPServer({
		disabledCommands: ['AUTH', 'STARTTLS'],
		onData: (stream, _session, callback) => {
			let mail = '';
			stream.setEncoding('utf8');
			stream.on('data', (part: string) => (mail += part));
			stream.on('end', () => {
				this.mails.push(mail);
				callback();
			});
		},
	});

	static async start(): Promise<MailServer> {
		const mail = new MailServer();
		await new Promise<void>((resolve) => mail.#server.listen(0, '127.0.0.1', resolve));
		return mail;
	}

	/** Fields of n8n's SMTP credential for it. */
	get credential() {
		const { port } = this.#server.server.address() as AddressInfo;
		const open = { user: '', password: '', secure: false, disableStartTls: true };
		return { host: '127.0.0.1', port, ...open };
	}

	async waitFor(pattern: RegExp): Promise<string> {
		return await waitFor(`a mail like ${pattern}`, async () => {
			return await Promise.resolve(this.mails.find((mail) => pattern.test(mail)));
		});
	}

	async stop(): Promise<void> {
		await new Promise<void>((resolve) => this.#server.close(resolve));
	}
}
