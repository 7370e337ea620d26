/** A TCP connection that can be slow, cut, or led to another server. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export class TcpProxy {
	/** How late everything arrives, in each direction, milliseconds. */
	delayMs = 0;
	private readonly sockets = new Set<Socket>();

	private constructor(
		private readonly server: Server,
		/** Where new connections lead to, on loopback. */
		public target: number,
	) {
		server.on('connection', (socket) => this.join(socket));
	}

	static async start(target: number): Promise<TcpProxy> {
		const server = createServer();
		const proxy = new TcpProxy(server, target);
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return proxy;
	}

	get port(): number {
		const address = this.server.address();
		return address && typeof address === 'object' ? address.port : 0;
	}

	/** Cuts every connection there is. */
	cut(): void {
		for (const socket of this.sockets) socket.destroy();
	}

	async close(): Promise<void> {
		this.server.close();
		this.cut();
		await once(this.server, 'close');
	}

	private join(client: Socket): void {
		const upstream = connect(this.target, '127.0.0.1');
		for (const [from, to] of [
			[client, upstream],
			[upstream, client],
		] as const) {
			this.sockets.add(from);
			from.setNoDelay(true);
			from.on('error', () => {});
			// One after another: what comes after the delay was lifted must not overtake.
			let last = Promise.resolve();
			from.on('data', (chunk) => {
				const late = this.delayMs > 0 ? delay(this.delayMs) : undefined;
				last = last.then(async () => {
					await late;
					if (!to.destroyed) to.write(chunk);
				});
			});
			from.on('close', () => {
				this.sockets.delete(from);
				to.destroy();
			});
		}
	}
}
