/** What the rooms of the server share: who exists, the records, and ways to reach devices. */
import type { BinaryNode } from '../contract';
import { Accounts, type Account, type Device } from './accounts';
import { Faults } from './faults';
import { Groups } from './groups/groups';
import { SERVER } from './jids';
import { Limits } from './limits';
import { MediaStore } from './media';
import { Mex } from './mex';
import { Newsletters } from './newsletters/newsletters';
import { Posts } from './newsletters/posts';
import { el } from './nodes';
import { Recorder } from './recorder';
import { Status } from './status';
import type { Wa } from './wa';

export interface ServiceOptions {
	/** How long the first QR reference is valid, milliseconds. WhatsApp: 60 s. */
	qrFirstMs: number;
	/** How long each of the five others is valid after the one before, milliseconds. WhatsApp: 20 s. */
	qrNextMs: number;
}

export class Service {
	readonly accounts = new Accounts();
	readonly faults = new Faults(this.accounts);
	readonly recorder: Recorder;
	readonly mex = new Mex();
	readonly limits = new Limits(this, this.mex);
	readonly newsletters = new Newsletters(this, this.mex);
	readonly posts = new Posts(this);
	readonly status = new Status(this);
	readonly groups = new Groups(this);
	readonly media: MediaStore;
	/** `host:port` of the media server, known when it listens. */
	mediaHost = '';
	/**
	 * Switches of the service. 10518: privacy tokens on 1:1 messages, 9666: on profile pictures,
	 * 14303: tokens issued to LIDs; the values WhatsApp Web has by default.
	 */
	readonly abProps = new Map([
		['10518', '1'],
		['9666', '1'],
		['14303', '0'],
	]);
	private lastId = 0;
	/** Added to the machine's clock, milliseconds. */
	clockOffsetMs = 0;

	constructor(
		readonly wa: Wa,
		readonly options: ServiceOptions,
	) {
		this.recorder = new Recorder(wa, () => this.now());
		this.media = new MediaStore(this.recorder);
	}

	now(): number {
		return Date.now() + this.clockOffsetMs;
	}

	/** Seconds since the epoch, as stanzas carry them. */
	seconds(): number {
		return Math.floor(this.now() / 1000);
	}

	/** A stanza id of the server's own. */
	nextId(): string {
		this.lastId += 1;
		return `s${this.lastId}`;
	}

	/** Puts a stanza into the outbox of a device. */
	deliver(device: Device, node: BinaryNode): void {
		device.outbox.push(node);
	}

	/** The same to all devices of an account. */
	deliverToAll(account: Account, node: BinaryNode, except?: Device): void {
		for (const device of account.devices.values()) {
			if (device !== except) this.deliver(device, node);
		}
	}

	/** A notification of this type, from the server unless `from` says otherwise. */
	notification(
		type: string,
		content: BinaryNode[],
		attrs: Record<string, string | undefined> = {},
	): BinaryNode {
		return el(
			'notification',
			{ id: this.nextId(), from: SERVER, type, t: this.seconds(), ...attrs },
			content,
		);
	}
}
