/**
 * Linking a companion: by QR (a connection that registers gets references, a phone confirms one)
 * or by eight-character code (three stages between companion and phone, relayed here).
 * Stages and signatures as in Baileys' Socket/socket.js, messages-recv.js and
 * Utils/validate-connection.js; timing as measured by users of WhatsApp Web.
 */
import { randomBytes } from 'node:crypto';
import type { BinaryNode, PairedDevice, PairRequest } from '../contract';
import type { Account, Device } from './accounts';
import type { Connection } from './connection';
import { SERVER } from './jids';
import { verify } from './keys';
import { child, childBytes, el } from './nodes';
import type { Service } from './service';
import type { Sessions } from './sessions';

const REFERENCES = 6;
/** What a device signs when it accepts the account (WA_ADV_DEVICE_SIG_PREFIX). */
const DEVICE_SIGNATURE_PREFIX = Buffer.from([6, 1]);

/** A connection that wants to become somebody's companion. */
interface Applicant {
	readonly connection: Connection;
	readonly noiseKey: Buffer;
	readonly identityKey: Buffer;
	readonly references: Map<string, { expires: number }>;
	readonly timer: NodeJS.Timeout;
	/** Set between pair-success and the companion's answer. */
	pending?: {
		id: string;
		device: Device;
		signed: Buffer;
		resolve(paired: PairedDevice): void;
		reject(error: Error): void;
	};
}

export class Pairing {
	private readonly applicants = new Map<Connection, Applicant>();

	constructor(
		private readonly service: Service,
		private readonly sessions: Sessions,
	) {}

	/** A connection registers: it gets six references, each valid for a while after the one before. */
	begin(connection: Connection, noiseKey: Buffer, identityKey: Buffer): void {
		const { qrFirstMs, qrNextMs } = this.service.options;
		const references = new Map<string, { expires: number }>();
		let expires = this.service.now() + qrFirstMs;
		for (let i = 0; i < REFERENCES; i++) {
			references.set(this.newReference(), { expires });
			expires += qrNextMs;
		}
		const timer = setTimeout(
			() => this.expire(connection),
			qrFirstMs + (REFERENCES - 1) * qrNextMs,
		);
		timer.unref();
		this.applicants.set(connection, { connection, noiseKey, identityKey, references, timer });
		connection.send(
			el('iq', { from: SERVER, type: 'set', id: this.service.nextId(), xmlns: 'md' }, [
				el(
					'pair-device',
					{},
					[...references.keys()].map((ref) => el('ref', {}, Buffer.from(ref))),
				),
			]),
		);
	}

	closed(connection: Connection): void {
		const applicant = this.applicants.get(connection);
		if (!applicant) return;
		clearTimeout(applicant.timer);
		this.applicants.delete(connection);
		applicant.pending?.reject(new Error('the companion closed the connection while pairing'));
		if (applicant.pending) this.abandon(applicant.pending.device);
	}

	/** A stanza of a connection that is nobody yet. */
	stanza(connection: Connection, node: BinaryNode): void {
		const applicant = this.applicants.get(connection);
		if (!applicant || node.tag !== 'iq') return;
		const { type, id } = node.attrs;
		if (type === 'result' || type === 'error') {
			if (applicant.pending?.id === id) this.onSigned(applicant, node);
			return;
		}
		const registration = child(node, 'link_code_companion_reg');
		const answer = registration ? this.onLinkCode(applicant, registration) : [];
		connection.send(el('iq', { from: SERVER, type: 'result', id }, answer));
	}

	/** The phone has scanned a QR, or finished the exchange of a code. */
	async pair(account: Account, request: PairRequest): Promise<PairedDevice> {
		const applicant = this.find(request.ref);
		if (!applicant) throw new Error('this reference is unknown or has expired');
		if (applicant.pending) throw new Error('this reference is already in use');
		const scanned = request.companionNoiseKey;
		if (scanned && !applicant.noiseKey.equals(scanned)) {
			throw new Error('the QR text names another key than the connection has');
		}
		const device = account.addCompanion();
		device.noiseKey = applicant.noiseKey;
		device.platform = request.platform;
		const identity = Buffer.from(await request.identityFor(device.id));
		const { ADVSignedDeviceIdentityHMAC } = this.service.wa.proto;
		const signed = Buffer.from(ADVSignedDeviceIdentityHMAC.decode(identity).details ?? []);
		const id = this.service.nextId();
		return await new Promise((resolve, reject) => {
			applicant.pending = { id, device, signed, resolve, reject };
			applicant.connection.send(
				el('iq', { from: SERVER, type: 'set', id, xmlns: 'md', t: this.service.seconds() }, [
					el('pair-success', {}, [
						el('device-identity', {}, identity),
						el('platform', { name: request.platform }),
						el('device', { jid: device.pn, lid: device.lid }),
					]),
				]),
			);
		});
	}

	/** The phone's part of the code exchange, as an iq of its own. */
	onPrimaryHello(registration: BinaryNode): boolean {
		const ref = childBytes(registration, 'link_code_pairing_ref')?.toString() ?? '';
		const applicant = this.find(ref);
		if (!applicant) return false;
		applicant.connection.send(
			this.service.notification('link_code_companion_reg', [
				el(
					'link_code_companion_reg',
					{ stage: 'primary_hello' },
					registration.content as BinaryNode[],
				),
			]),
		);
		return true;
	}

	stop(): void {
		for (const connection of [...this.applicants.keys()]) this.closed(connection);
	}

	/** The companion's stages. The phone hears of both by notification and answers with its own iq. */
	private onLinkCode(applicant: Applicant, registration: BinaryNode): BinaryNode[] {
		const { stage, jid } = registration.attrs;
		const account = this.service.accounts.find(jid);
		const content = Array.isArray(registration.content) ? registration.content : [];
		if (stage === 'companion_hello') {
			const ref = this.newReference();
			const { qrFirstMs, qrNextMs } = this.service.options;
			const expires = this.service.now() + qrFirstMs + (REFERENCES - 1) * qrNextMs;
			applicant.references.set(ref, { expires });
			const refNode = el('link_code_pairing_ref', {}, Buffer.from(ref));
			if (account) this.tellPhone(account, stage, [...content, refNode]);
			// A number without an account gets the same answer: the code simply never works (assumed).
			return [el('link_code_companion_reg', { stage }, [refNode])];
		}
		if (stage === 'companion_finish' && account) this.tellPhone(account, stage, content);
		return [];
	}

	private tellPhone(account: Account, stage: string, content: BinaryNode[]): void {
		this.service.deliver(
			account.primary,
			this.service.notification('link_code_companion_reg', [
				el('link_code_companion_reg', { stage }, content),
			]),
		);
	}

	/** The companion answered pair-success: its signature counts, then it has to log in anew. */
	private onSigned(applicant: Applicant, node: BinaryNode): void {
		const { pending, connection } = applicant;
		if (!pending) return;
		applicant.pending = undefined;
		const answer = childBytes(child(node, 'pair-device-sign'), 'device-identity');
		const failure = answer ? this.checkSigned(applicant, pending.signed, answer) : 'no signature';
		if (!answer || typeof failure === 'string') {
			this.abandon(pending.device);
			pending.reject(new Error(`the companion's answer is wrong: ${failure}`));
			connection.close();
			return;
		}
		pending.device.signedIdentity = failure;
		const loggedIn = this.sessions.whenLoggedIn(pending.device);
		pending.resolve({ device: pending.device.id, loggedIn });
		connection.send(el('stream:error', { code: 515 }));
		connection.close();
	}

	/** The signed identity to hand to others, or what is wrong with the companion's answer. */
	private checkSigned(applicant: Applicant, sent: Buffer, answer: Buffer): Buffer | string {
		const { ADVSignedDeviceIdentity } = this.service.wa.proto;
		const ours = ADVSignedDeviceIdentity.decode(sent);
		const theirs = ADVSignedDeviceIdentity.decode(answer);
		const details = Buffer.from(ours.details ?? []);
		if (!details.equals(theirs.details ?? new Uint8Array())) return 'other details';
		const message = Buffer.concat([
			DEVICE_SIGNATURE_PREFIX,
			details,
			applicant.identityKey,
			ours.accountSignatureKey ?? new Uint8Array(),
		]);
		const signature = theirs.deviceSignature ?? new Uint8Array();
		if (!verify(applicant.identityKey, message, signature)) return 'bad device signature';
		return Buffer.from(
			ADVSignedDeviceIdentity.encode({ ...ours, deviceSignature: signature }).finish(),
		);
	}

	private find(ref: string): Applicant | undefined {
		for (const applicant of this.applicants.values()) {
			const reference = applicant.references.get(ref);
			if (reference) return reference.expires > this.service.now() ? applicant : undefined;
		}
		return undefined;
	}

	/** All references are used up: the real service just ends the stream, without an error code. */
	private expire(connection: Connection): void {
		connection.send(el('xmlstreamend'));
		connection.close();
	}

	private abandon(device: Device): void {
		device.account.devices.delete(device.id);
	}

	/** As long as a real one (114 characters), so that QR codes get their real size. */
	private newReference(): string {
		return `2@${randomBytes(84).toString('base64')}`;
	}
}
