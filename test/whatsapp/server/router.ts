/** Where each stanza of a logged-in device goes. */
import type { BinaryNode } from '../contract';
import type { Device } from './accounts';
import { Calls } from './calls';
import { answerIq, type IqHandler } from './iq';
import { child, el } from './nodes';
import type { Pairing } from './pairing';
import { Presence } from './presence';
import { Receipts } from './receipts';
import { Relay } from './relay';
import type { Service } from './service';
import type { Sessions } from './sessions';

export type StanzaHandler = (device: Device, node: BinaryNode) => void;

export class Router {
	readonly relay: Relay;
	readonly presence: Presence;
	/** By tag; later rooms add theirs. */
	readonly stanzas: Map<string, StanzaHandler>;
	private readonly receipts: Receipts;
	readonly calls: Calls;

	constructor(
		private readonly service: Service,
		private readonly sessions: Sessions,
		private readonly pairing: Pairing,
		private readonly queries: Readonly<Record<string, IqHandler>>,
	) {
		this.relay = new Relay(service);
		this.receipts = new Receipts(service);
		this.calls = new Calls(service);
		this.presence = new Presence(service);
		this.stanzas = new Map<string, StanzaHandler>([
			['iq', (device, node) => this.iq(device, node)],
			['message', (device, node) => this.relay.message(device, node)],
			['receipt', (device, node) => this.receipts.receipt(device, node)],
			[
				'ack',
				(device, node) => device.outbox.acknowledge(node.attrs['class'] ?? '', node.attrs['id']),
			],
			['call', (device, node) => this.calls.call(device, node)],
			['presence', (device, node) => this.presence.presence(device, node)],
			['chatstate', (device, node) => this.presence.chatstate(device, node)],
			['notification', (device, node) => this.mediaRetry(device, node)],
			['ib', (device, node) => this.infoBroadcast(device, node)],
		]);
	}

	/** Never throws: what a client sends cannot hurt the server. */
	stanza(device: Device, node: BinaryNode): void {
		try {
			const handler = this.stanzas.get(node.tag);
			if (handler) handler(device, node);
			else this.service.recorder.unknown(node);
		} catch (error) {
			this.service.recorder.failure(error);
		}
		this.service.recorder.changed();
	}

	private iq(device: Device, node: BinaryNode): void {
		const { type } = node.attrs;
		if (type === 'result' || type === 'error') return;
		const { service, sessions, pairing } = this;
		answerIq(this.queries, { service, sessions, pairing, device, node });
	}

	/** The phone's answer to a request for media; only a phone may, and only to own devices. */
	private mediaRetry(device: Device, node: BinaryNode): void {
		const { type, to, id } = node.attrs;
		const target = this.service.accounts.findDevice(to);
		if (type !== 'mediaretry' || device.id !== 0 || target?.account !== device.account) {
			this.service.recorder.unknown(node);
			return;
		}
		this.service.deliver(
			target,
			el(
				'notification',
				{ id, type, from: device.addressLike(to), t: this.service.seconds() },
				node.content,
			),
		);
	}

	private infoBroadcast(device: Device, node: BinaryNode): void {
		const batch = child(node, 'offline_batch');
		if (batch) device.outbox.sendBatch(Number(batch.attrs['count']) || undefined);
		// `unified_session` and the like are telemetry.
	}
}
