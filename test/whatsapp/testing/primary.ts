/**
 * The least of a phone: it has an account and confirms QR codes. For tests of the server alone;
 * phone/ has the real one, with Signal encryption and everything people do.
 */
import { createHmac } from 'node:crypto';
import type { BinaryNode, InProcessDevice, PairedDevice, ServerLink } from '../contract';
import type { WhatsAppServer } from '../index';
import { lidFor } from '../phone/jids';
import { SERVER } from '../server/jids';
import { generateKeyPair, sign } from '../server/keys';
import { el } from '../server/nodes';
import { loadWa } from '../server/wa';

const ACCOUNT_SIGNATURE_PREFIX = Buffer.from([6, 0]);

export class Primary implements InProcessDevice {
	readonly device = 0;
	readonly ids;
	readonly link: ServerLink;
	readonly received: BinaryNode[] = [];
	readonly identity = generateKeyPair();

	/** An account whose phone is online and has keys on the server. */
	static async create(server: WhatsAppServer, number: string, name: string): Promise<Primary> {
		const primary = new Primary(server, number, name);
		await primary.uploadKeys();
		return primary;
	}

	private constructor(
		private readonly server: WhatsAppServer,
		number: string,
		name: string,
	) {
		const phone = number.replace(/\D/g, '');
		this.ids = { phone, lid: lidFor(phone) };
		this.link = server.connect(this, name);
	}

	onStanza(node: BinaryNode): void {
		this.received.push(node);
		const { id, from, type, participant } = node.attrs;
		if (['message', 'receipt', 'notification', 'call'].includes(node.tag)) {
			const attrs: Record<string, string> = { class: node.tag };
			for (const [name, value] of Object.entries({ id, to: from, type, participant })) {
				if (value !== undefined) attrs[name] = value;
			}
			this.link.send({ tag: 'ack', attrs });
		}
		// A phone confirms delivery even while companions are in the background.
		if (node.tag === 'message' && !node.attrs['recipient'] && id && from) {
			this.link.send(el('receipt', { id, to: from, participant }));
		}
	}

	/** Confirms a QR text: the four parts after `#` are reference, Noise key, identity key, secret. */
	async scan(
		qr: string,
		tamper?: { secret?: boolean; signature?: boolean },
	): Promise<PairedDevice> {
		const [ref = '', , identity = '', secret = ''] = qr.slice(qr.indexOf('#') + 1).split(',');
		return await this.pair(
			ref,
			Buffer.from(identity, 'base64'),
			Buffer.from(tamper?.secret ? secret.toLowerCase() : secret, 'base64'),
			tamper?.signature,
		);
	}

	/** Signal keys, so that others can encrypt for the phone; it never decrypts. */
	private async uploadKeys(): Promise<void> {
		const signed = generateKeyPair();
		const type = Buffer.from([5]);
		const signature = await sign(this.identity.privateKey, Buffer.concat([type, signed.publicKey]));
		const id = el('id', {}, Buffer.from([0, 0, 1]));
		await this.link.query(
			el('iq', { to: SERVER, type: 'set', xmlns: 'encrypt' }, [
				el('registration', {}, Buffer.from([0, 0, 0, 1])),
				el('type', {}, type),
				el('identity', {}, this.identity.publicKey),
				el('list', {}, []),
				el('skey', {}, [id, el('value', {}, signed.publicKey), el('signature', {}, signature)]),
			]),
		);
	}

	async pair(ref: string, companion: Buffer, secret: Buffer, badSignature = false) {
		const { proto } = await loadWa();
		return await this.link.pair({
			ref,
			platform: 'android',
			identityFor: async (device) => {
				const details = proto.ADVDeviceIdentity.encode({
					rawId: 1,
					timestamp: Math.floor(this.server.now() / 1000),
					keyIndex: device,
				}).finish();
				const accountSignature = await sign(
					this.identity.privateKey,
					Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, companion]),
				);
				if (badSignature) accountSignature[5] = (accountSignature[5] ?? 0) ^ 1;
				const signed = proto.ADVSignedDeviceIdentity.encode({
					details,
					accountSignatureKey: this.identity.publicKey,
					accountSignature,
				}).finish();
				const hmac = createHmac('sha256', secret).update(signed).digest();
				return proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish();
			},
		});
	}
}
