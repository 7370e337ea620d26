/** Puts the rooms of the server together: sockets in, logins and registrations, stanzas. */
import type { BinaryNode, InProcessDevice, ServerLink } from '../contract';
import type { Device } from './accounts';
import { Connection } from './connection';
import { queries } from './iq/index';
import { Link } from './links';
import { Listener } from './listener';
import { el } from './nodes';
import { makeIdentity, type Finish, type Forgery, type Identity } from './noise';
import { Pairing } from './pairing';
import { Router } from './router';
import { Service, type ServiceOptions } from './service';
import { Sessions } from './sessions';
import { makeTls, type Tls } from './tls';
import { loadWa } from './wa';

export interface CoreOptions extends ServiceOptions {
	port: number;
	forgery?: Forgery;
}

export class Core {
	readonly sessions: Sessions;
	readonly pairing: Pairing;
	readonly router: Router;
	readonly listener: Listener;
	private readonly connections = new Map<Connection, Device | undefined>();

	private constructor(
		readonly service: Service,
		readonly tls: Tls,
		readonly identity: Identity,
	) {
		this.sessions = new Sessions(service);
		this.pairing = new Pairing(service, this.sessions);
		this.router = new Router(service, this.sessions, this.pairing, queries);
		this.listener = new Listener(
			tls,
			(socket, peer) => {
				const { wa, recorder, faults } = service;
				const connection = new Connection(
					socket,
					wa,
					identity,
					recorder,
					faults.line,
					{
						finish: (finished, finish) => this.onFinish(finished, finish),
						stanza: (from, node) => this.onStanza(from, node),
						closed: (closed) => this.onClosed(closed),
					},
					peer,
				);
				this.connections.set(connection, undefined);
			},
			(request, response) => service.media.handle(request, response),
		);
	}

	static async start(options: CoreOptions): Promise<Core> {
		const wa = await loadWa();
		const [identity, tls] = await Promise.all([makeIdentity(wa, options.forgery), makeTls()]);
		const core = new Core(new Service(wa, options), tls, identity);
		await core.listener.listen(options.port);
		core.service.mediaHost = core.listener.host;
		return core;
	}

	/** Connects a device of this process. */
	connect(party: InProcessDevice, pushName: string): ServerLink {
		const account = this.service.accounts.ensure(party.ids, pushName);
		const device = account.device(party.device);
		if (!device) throw new Error(`${party.ids.phone} has no device ${party.device}`);
		const { service, sessions, pairing, router } = this;
		return new Link(service, sessions, pairing, router, account, device, party);
	}

	/** Remote connections, with the device that is logged in over each. */
	remote(filter: (device: Device | undefined) => boolean = () => true): Connection[] {
		return [...this.connections].filter(([, device]) => filter(device)).map(([line]) => line);
	}

	async stop(): Promise<void> {
		this.pairing.stop();
		await this.listener.close();
		await this.service.media.close();
		for (const account of this.service.accounts.all()) {
			for (const device of account.devices.values()) device.online?.close();
		}
	}

	/** The handshake is done: either a device logs in, or somebody wants to become one. */
	private onFinish(connection: Connection, finish: Finish): void {
		const { ClientPayload } = this.service.wa.proto;
		const payload = ClientPayload.decode(finish.payload);
		const registration = payload.devicePairingData;
		if (registration) {
			const identityKey = registration.eIdent;
			if (identityKey?.length !== 32) throw new Error('registration without identity key');
			this.pairing.begin(connection, finish.clientStatic, Buffer.from(identityKey));
			return;
		}
		const username = payload.username?.toString() ?? '';
		const claim = { username, device: payload.device ?? 0, noiseKey: finish.clientStatic };
		const device = this.sessions.check(claim);
		if (typeof device === 'number') {
			connection.send(el('failure', { reason: device, location: 'stand-in' }));
			connection.close();
			return;
		}
		connection.name = `${username}:${device.id}`;
		this.connections.set(connection, device);
		this.sessions.open(device, connection);
	}

	private onStanza(connection: Connection, node: BinaryNode): void {
		const device = this.connections.get(connection);
		if (device) this.router.stanza(device, node);
		else this.pairing.stanza(connection, node);
	}

	private onClosed(connection: Connection): void {
		const device = this.connections.get(connection);
		this.connections.delete(connection);
		if (device) this.sessions.closed(device, connection);
		this.pairing.closed(connection);
	}
}
