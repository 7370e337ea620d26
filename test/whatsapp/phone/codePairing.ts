/**
 * Linking a companion by the eight-character code that the person types into the phone. The phone's
 * side of what Baileys does in requestPairingCode and in its `link_code_companion_reg` notification.
 */
import { randomBytes } from 'node:crypto';

import type { PhoneCore } from './core';
import { type BinaryNode, bytes, child, node } from './nodes';
import { type Companion, LinkError, type Pairing } from './pairing';
import { agree, generateKeyPair } from './signal/curve';
import { codeKey, ctr, gcmDecrypt, hkdf } from './signal/kdf';

/** Made codes have no 0, I, O or U (Crockford's alphabet), but a client may choose its own. */
const CODE = /^[0-9A-Z]{8}$/;
const BUNDLE_INFO = 'link_code_pairing_key_bundle_encryption_key';

interface Hello {
	ref: Buffer;
	/** The companion's ephemeral key: salt 32, iv 16, then the key under AES-CTR. */
	wrapped: Buffer;
}

export class CodePairing {
	private readonly hellos: Hello[] = [];
	private readonly finishes: BinaryNode[] = [];

	constructor(
		private readonly core: PhoneCore,
		private readonly pairing: Pairing,
	) {
		core.on('notification', 'link_code_companion_reg', (stanza) => this.onNotification(stanza));
	}

	/** Whether a companion has asked to be linked: the phone then shows "Enter code". */
	get requested(): boolean {
		return this.hellos.length > 0;
	}

	/** Types a code, with or without the dash, for the newest request (which it waits for). */
	async enterCode(typed: string, platform = 'android'): Promise<Companion> {
		const code = typed.replace(/[-\s]/g, '').toUpperCase();
		if (!CODE.test(code)) {
			throw new LinkError('wrong-code', 'A linking code has eight letters and digits.');
		}
		const hello = await this.core.waits
			.until('a companion that asks to be linked by code', () => this.hellos.pop())
			.catch((error: unknown) => {
				throw new LinkError('no-request', 'No device has asked to be linked by code.', {
					cause: error,
				});
			});
		const { wrapped, ref } = hello;
		const companionEphemeral = ctr(
			await codeKey(code, wrapped.subarray(0, 32)),
			wrapped.subarray(32, 48),
			wrapped.subarray(48, 80),
		);
		const ephemeral = generateKeyPair();
		const [salt, iv] = [randomBytes(32), randomBytes(16)];
		const ownWrapped = ctr(await codeKey(code, salt), iv, ephemeral.public);
		await this.core.query('md', 'set', [
			node('link_code_companion_reg', { jid: this.core.pn, stage: 'primary_hello' }, [
				node(
					'link_code_pairing_wrapped_primary_ephemeral_pub',
					{},
					Buffer.concat([salt, iv, ownWrapped]),
				),
				node('primary_identity_pub', {}, this.core.signal.identity.public),
				node('link_code_pairing_ref', {}, ref),
			]),
		]);
		const finish = await this.finishOf(ref);
		const shared = agree(ephemeral.private, companionEphemeral);
		const { identityKey, random } = this.openBundle(finish, shared);
		const advSecret = hkdf(
			Buffer.concat([shared, agree(this.core.signal.identity.private, identityKey), random]),
			32,
			'adv_secret',
		);
		try {
			return await this.pairing.link({ ref: ref.toString(), identityKey, advSecret, platform });
		} catch (error) {
			throw new LinkError('refused', 'Could not link the device. Ask it for a new code.', {
				cause: error,
			});
		}
	}

	private onNotification(stanza: BinaryNode): void {
		const registration = child(stanza, 'link_code_companion_reg');
		const ref = bytes(child(registration, 'link_code_pairing_ref'));
		if (!registration || !ref) return;
		if (registration.attrs.stage === 'companion_hello') {
			const wrapped = bytes(
				child(registration, 'link_code_pairing_wrapped_companion_ephemeral_pub'),
			);
			if (wrapped?.length === 80) this.hellos.push({ ref, wrapped });
		}
		if (registration.attrs.stage === 'companion_finish') this.finishes.push(registration);
	}

	private async finishOf(ref: Buffer): Promise<BinaryNode> {
		return await this.core.waits.until("the companion's answer to the code", () =>
			this.finishes.find((at) => bytes(child(at, 'link_code_pairing_ref'))?.equals(ref)),
		);
	}

	/** The companion's identity and random, which open only when both sides had the same code. */
	private openBundle(finish: BinaryNode, shared: Buffer): { identityKey: Buffer; random: Buffer } {
		const wrapped = bytes(child(finish, 'link_code_pairing_wrapped_key_bundle')) ?? Buffer.alloc(0);
		const key = hkdf(shared, 32, BUNDLE_INFO, wrapped.subarray(0, 32));
		let bundle: Buffer;
		try {
			bundle = gcmDecrypt(key, wrapped.subarray(32, 44), wrapped.subarray(44));
		} catch (error) {
			throw new LinkError('wrong-code', 'The code is wrong. Check it and try again.', {
				cause: error,
			});
		}
		const [identityKey, primary, random] = [
			bundle.subarray(0, 32),
			bundle.subarray(32, 64),
			bundle.subarray(64, 96),
		];
		const shown = bytes(child(finish, 'companion_identity_public'));
		if (!primary.equals(this.core.signal.identity.public) || !shown?.equals(identityKey)) {
			throw new LinkError('refused', 'The device answered with keys of somebody else.');
		}
		return { identityKey, random };
	}
}
