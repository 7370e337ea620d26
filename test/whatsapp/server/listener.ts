/** The one port: WebSocket for clients, HTTPS for media. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Tls } from './tls';

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

const HOST = '127.0.0.1';

export class Listener {
	private readonly https: Server;
	private readonly sockets: WebSocketServer;

	constructor(
		tls: Tls,
		private readonly onSocket: (socket: WebSocket, peer: string) => void,
		onRequest: HttpHandler,
	) {
		this.https = createServer({ key: tls.key, cert: `${tls.cert}\n${tls.ca}` }, onRequest);
		// Idle connections stay: a client in a busy test process would reuse one that is just closing.
		this.https.keepAliveTimeout = 0;
		// Whoever speaks no TLS, or breaks off, is no concern of the server.
		this.https.on('tlsClientError', () => {});
		this.https.on('clientError', (_error, socket) => socket.destroy());
		this.sockets = new WebSocketServer({ server: this.https, perMessageDeflate: false });
		this.sockets.on('connection', (socket, request) => {
			this.onSocket(socket, `:${request.socket.remotePort ?? 0}`);
		});
		this.sockets.on('error', () => {});
	}

	/** Where it listens, or listened before it went down. */
	port = 0;

	get host(): string {
		return `${HOST}:${this.port}`;
	}

	async listen(port: number): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			this.https.once('error', reject);
			this.https.listen(port, HOST, () => {
				this.https.off('error', reject);
				this.port = (this.https.address() as AddressInfo).port;
				resolve();
			});
		});
	}

	/** Cuts everybody off and refuses new connections. */
	async goDown(): Promise<void> {
		for (const socket of this.sockets.clients) socket.terminate();
		await new Promise<void>((resolve) => {
			this.https.close(() => resolve());
			this.https.closeAllConnections();
		});
	}

	async goUp(): Promise<void> {
		await this.listen(this.port);
	}

	async close(): Promise<void> {
		for (const socket of this.sockets.clients) socket.terminate();
		await new Promise<void>((resolve) => this.sockets.close(() => resolve()));
		if (this.https.listening) await this.goDown();
	}
}
