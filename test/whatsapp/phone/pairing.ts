/** Linking a companion by QR. */
import type { PairedDevice } from '../contract';
import type { PhoneCore } from './core';
import { makeDeviceIdentity } from './deviceIdentity';
import { formatJid, LID, parseJid } from './jids';
import { type BinaryNode, child, children } from './nodes';

export type LinkFailure = 'malformed-qr' | 'expired-qr' | 'refused' | 'wrong-code' | 'no-request';

/** The phone's screen says why linking did not work. */
export class LinkError extends Error {
	constructor(
		readonly code: LinkFailure,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
		this.name = 'LinkError';
	}
}

/** A device that was linked. */
export interface Companion {
	device: number;
	/** Its address, by LID. */
	jid: string;
	/** Resolves when it has logged in and has got keys and history. */
	ready: Promise<void>;
}

export interface QrContent {
	ref: string;
	noiseKey: Buffer;
	identityKey: Buffer;
	advSecret: Buffer;
	/** What kind of client shows it, as Baileys numbers them (1 = Chrome). */
	platform: string;
}

const ADDRESS = 'https://wa.me/settings/linked_devices#';

/** Reads the text of a QR as Baileys rc14 makes it (buildPairingQRData). */
export function readQr(text: string): QrContent {
	const malformed = (why: string) =>
		new LinkError('malformed-qr', `This is not a WhatsApp linking code: ${why}.`);
	if (!text.startsWith(ADDRESS)) throw malformed('it does not hold a linked-devices address');
	const parts = text.slice(ADDRESS.length).trim().split(',');
	if (parts.length !== 5) throw malformed(`it has ${parts.length} parts, not 5`);
	const [ref, noise, identity, secret, platform] = parts as [string, ...string[]];
	if (!ref) throw malformed('the reference is empty');
	const key = (base64: string | undefined, name: string): Buffer => {
		const decoded = Buffer.from(base64 ?? '', 'base64');
		if (decoded.length !== 32 || decoded.toString('base64') !== base64) {
			throw malformed(`the ${name} is not 32 bytes of base64`);
		}
		return decoded;
	};
	return {
		ref,
		noiseKey: key(noise, 'Noise key'),
		identityKey: key(identity, 'identity key'),
		advSecret: key(secret, 'secret'),
		platform: platform ?? '',
	};
}

export class Pairing {
	/** Device numbers that this phone has linked and not removed. */
	readonly companions = new Set<number>();

	/**
	 * @param onLoggedIn what the phone gives a new companion (keys, history)
	 */
	constructor(
		private readonly core: PhoneCore,
		private readonly onLoggedIn: (companion: string) => Promise<void>,
	) {
		core.on('notification', 'devices', (stanza) => this.onDevices(stanza));
	}

	async scan(text: string, platform = 'android'): Promise<Companion> {
		const qr = readQr(text);
		try {
			return await this.link({
				ref: qr.ref,
				companionNoiseKey: qr.noiseKey,
				identityKey: qr.identityKey,
				advSecret: qr.advSecret,
				platform,
			});
		} catch (error) {
			// The server's only other reason is that the companion did not answer as it should.
			const stale = /unknown|expired|in use/i.test((error as Error).message);
			throw stale
				? new LinkError(
						'expired-qr',
						'This QR code is no longer valid. Scan the one that is shown now.',
						{ cause: error },
					)
				: new LinkError('refused', "Couldn't link the device. Try again later.", { cause: error });
		}
	}

	/** The step that QR and code have in common: the server links the companion to the account. */
	async link(request: {
		ref: string;
		companionNoiseKey?: Uint8Array;
		identityKey: Uint8Array;
		advSecret: Uint8Array;
		platform: string;
	}): Promise<Companion> {
		const { ref, companionNoiseKey, identityKey, advSecret, platform } = request;
		const paired = await this.core.server.pair({
			ref,
			platform,
			companionNoiseKey,
			identityFor: async (device) => makeDeviceIdentity(this.core, identityKey, advSecret, device),
		});
		return this.added(paired);
	}

	unlink(device: number): void {
		this.companions.delete(device);
		this.core.signal.drop(this.core.signalAddress(this.address(device)));
		this.core.server.unlink(device);
	}

	address(device: number): string {
		return formatJid(this.core.ids.lid, LID, device);
	}

	/** A companion has logged itself out, or was taken off elsewhere. */
	private onDevices(stanza: BinaryNode): void {
		if (!stanza.attrs.from || !this.core.isMine(stanza.attrs.from)) return;
		for (const { attrs } of children(child(stanza, 'remove'), 'device')) {
			const { device } = parseJid(attrs.jid ?? '');
			this.companions.delete(device);
			this.core.signal.drop(this.core.signalAddress(this.address(device)));
		}
	}

	private added({ device, loggedIn }: PairedDevice): Companion {
		this.companions.add(device);
		const jid = this.address(device);
		const ready = loggedIn.then(async () => await this.onLoggedIn(jid));
		// Who does not wait for it finds a failure among the phone's problems.
		ready.catch((error: unknown) => this.core.problem(error));
		return { device, jid, ready };
	}
}
