/** A small HTTP face for people and scripts outside this process. Loopback only, no password. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WhatsAppServer } from '../index';

const HOST = '127.0.0.1';
const MAX_BODY_BYTES = 100_000;

interface AdminRequest {
	readonly server: WhatsAppServer;
	readonly query: URLSearchParams;
	readonly body: string;
}

type Action = (request: AdminRequest) => Promise<unknown>;

/** A request that cannot be done as it was written. */
class BadRequest extends Error {}

function need(value: string | null | undefined, name: string): string {
	if (!value) throw new BadRequest(`${name} is missing`);
	return value;
}

function json(body: string): Record<string, unknown> {
	try {
		return JSON.parse(body) as Record<string, unknown>;
	} catch {
		throw new BadRequest('the body is not JSON');
	}
}

const phoneOf = ({ server, query }: AdminRequest) =>
	server.phone(need(query.get('phone'), 'phone'), { name: query.get('name') ?? undefined });

const ACTIONS: Readonly<Record<string, Action>> = {
	/** Body: the QR text. The phone scans it. */
	'POST /admin/scan': async (request) => {
		const phone = await phoneOf(request);
		return { device: (await phone.scan(need(request.body.trim(), 'the QR text'))).device };
	},
	/** Body: the eight characters. The phone enters them. */
	'POST /admin/code': async (request) => {
		const phone = await phoneOf(request);
		return { device: (await phone.enterCode(need(request.body.trim(), 'the code'))).device };
	},
	/** Body: `{from, to, text}`. */
	'POST /admin/send': async ({ server, body }) => {
		const { from, to, text, name } = json(body);
		for (const value of [from, to, text]) {
			if (typeof value !== 'string' || !value) throw new BadRequest('from, to and text are needed');
		}
		const phone = await server.phone(String(from), { name: name ? String(name) : undefined });
		const { id } = await phone.sendText(String(to), String(text));
		return { id };
	},
	/** What a phone has sent and received. */
	'GET /admin/messages': async (request) =>
		(await phoneOf(request)).messages.map(({ id, chat, from, fromMe, text, timestamp }) => ({
			id,
			chat,
			from,
			fromMe,
			text,
			timestamp,
		})),
	/** The phone logs all its linked devices out, or the one named by `device`. */
	'POST /admin/unlink': async (request) => {
		const device = request.query.get('device');
		(await phoneOf(request)).unlink(device ? Number(device) : undefined);
		return {};
	},
	'POST /admin/drop': async ({ server }) => {
		server.dropConnections();
		return Promise.resolve({});
	},
	'GET /admin/env': async ({ server }) => Promise.resolve(server.env()),
	'GET /admin/dump': async ({ server }) => Promise.resolve(server.dump()),
};

export class Admin {
	private readonly http: Server;

	constructor(private readonly server: WhatsAppServer) {
		this.http = createServer((request, response) => {
			void this.handle(request, response);
		});
	}

	get url(): string {
		return `http://${HOST}:${(this.http.address() as AddressInfo).port}`;
	}

	async listen(port: number): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			this.http.once('error', reject);
			this.http.listen(port, HOST, () => resolve());
		});
	}

	async close(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.http.close(() => resolve());
			this.http.closeAllConnections();
		});
	}

	private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? '/', this.url);
		const action = ACTIONS[`${request.method} ${url.pathname}`];
		try {
			if (!action) {
				answer(response, 404, { error: 'not found', actions: Object.keys(ACTIONS) });
				return;
			}
			const body = await readBody(request);
			answer(response, 200, await action({ server: this.server, query: url.searchParams, body }));
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			answer(response, error instanceof BadRequest ? 400 : 422, { error: message });
		}
	}
}

async function readBody(request: IncomingMessage): Promise<string> {
	const parts: Buffer[] = [];
	let length = 0;
	for await (const part of request) {
		length += (part as Buffer).length;
		if (length > MAX_BODY_BYTES) throw new BadRequest('the body is too long');
		parts.push(part as Buffer);
	}
	return Buffer.concat(parts).toString('utf8');
}

function answer(response: ServerResponse, status: number, content: unknown): void {
	const text = typeof content === 'string' ? content : JSON.stringify(content, null, '\t');
	const type = typeof content === 'string' ? 'text/plain' : 'application/json';
	response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(`${text}\n`);
}
