/**
 * Sender keys: how one device encrypts once for a whole group. The owner hands its chain to every
 * member's device (a distribution message, sent pairwise), then sends one `skmsg` for all.
 */
import { randomBytes, randomInt } from 'node:crypto';

import { wa } from '../proto';
import { generateKeyPair, isSignedBy, type KeyPair, sign, withType } from './curve';
import { cbcDecrypt, cbcEncrypt, hkdf, hmacSha256 } from './kdf';

const VERSION = 0x33;
const SIGNATURE_LENGTH = 64;
const MAX_AHEAD = 2000;
/** Old keys of a sender that are still good for messages on the way, as in libsignal. */
const MAX_KEYS = 5;

interface ReceivedKey {
	id: number;
	chain: Buffer;
	iteration: number;
	signing: Buffer;
	skipped: Map<number, Buffer>;
}

interface OwnKey {
	id: number;
	chain: Buffer;
	iteration: number;
	signing: KeyPair;
}

const nextChain = (chain: Buffer): Buffer => hmacSha256(chain, Buffer.from([2]));

function messageKey(chain: Buffer): { iv: Buffer; cipher: Buffer } {
	const keys = hkdf(hmacSha256(chain, Buffer.from([1])), 48, 'WhisperGroup');
	return { iv: keys.subarray(0, 16), cipher: keys.subarray(16) };
}

/** The sender keys of one device: its own for each group, and those it was handed. */
export class SenderKeys {
	private readonly own = new Map<string, OwnKey>();
	private readonly received = new Map<string, ReceivedKey[]>();

	/** Forgets the own key of a group, as a device does when a member has left. */
	rotate(group: string): void {
		this.own.delete(group);
	}

	/** Forgets what a sender handed us: its next group message cannot be decrypted. */
	forget(group: string, sender: string): void {
		this.received.delete(`${group} ${sender}`);
	}

	/** The distribution message that lets others decrypt what we send to `group` from now on. */
	distribution(group: string): Buffer {
		const key = this.ownKey(group);
		const message = wa()
			.SenderKeyDistributionMessage.encode({
				id: key.id,
				iteration: key.iteration,
				chainKey: key.chain,
				signingKey: withType(key.signing.public),
			})
			.finish();
		return Buffer.concat([Buffer.from([VERSION]), message]);
	}

	/** Takes a distribution message that `sender` (a device) sent pairwise. */
	accept(group: string, sender: string, distribution: Uint8Array): void {
		const decoded = wa().SenderKeyDistributionMessage.decode(distribution.subarray(1));
		const key: ReceivedKey = {
			id: decoded.id ?? 0,
			chain: Buffer.from(decoded.chainKey ?? []),
			iteration: decoded.iteration ?? 0,
			signing: Buffer.from(decoded.signingKey ?? []),
			skipped: new Map(),
		};
		const known = this.received.get(`${group} ${sender}`) ?? [];
		// The same key again, further on: what came between may still be on its way, so keep both.
		this.received.set(`${group} ${sender}`, [key, ...known].slice(0, MAX_KEYS));
	}

	encrypt(group: string, plain: Uint8Array): Buffer {
		const key = this.ownKey(group);
		const { iv, cipher } = messageKey(key.chain);
		const message = wa()
			.SenderKeyMessage.encode({
				id: key.id,
				iteration: key.iteration,
				ciphertext: cbcEncrypt(cipher, iv, plain),
			})
			.finish();
		key.chain = nextChain(key.chain);
		key.iteration++;
		const body = Buffer.concat([Buffer.from([VERSION]), message]);
		return Buffer.concat([body, sign(key.signing.private, body)]);
	}

	/** Decrypts an `skmsg` of `sender`; throws when its key or signature does not fit. */
	decrypt(group: string, sender: string, body: Buffer): Buffer {
		const signed = body.subarray(0, -SIGNATURE_LENGTH);
		const decoded = wa().SenderKeyMessage.decode(signed.subarray(1));
		const candidates = (this.received.get(`${group} ${sender}`) ?? []).filter(
			(key) => key.id === decoded.id,
		);
		if (candidates.length === 0) throw new Error('No sender key for this group message');
		const iteration = decoded.iteration ?? 0;
		for (const key of candidates) {
			if (!isSignedBy(key.signing, signed, body.subarray(-SIGNATURE_LENGTH))) {
				throw new Error('Bad signature on a group message');
			}
			const seed = seedFor(key, iteration);
			if (!seed) continue;
			const { iv, cipher } = messageKey(seed);
			const plain = cbcDecrypt(cipher, iv, decoded.ciphertext ?? Buffer.alloc(0));
			for (const other of candidates) other.skipped.delete(iteration);
			return plain;
		}
		throw new Error('Group message key used already');
	}

	private ownKey(group: string): OwnKey {
		let key = this.own.get(group);
		if (!key) {
			key = {
				id: randomInt(1, 0x7fffffff),
				chain: randomBytes(32),
				iteration: 0,
				signing: generateKeyPair(),
			};
			this.own.set(group, key);
		}
		return key;
	}
}

/** The chain key of a message; moves the chain on to it when it is ahead. */
function seedFor(key: ReceivedKey, iteration: number): Buffer | undefined {
	if (iteration < key.iteration) return key.skipped.get(iteration);
	if (iteration - key.iteration > MAX_AHEAD) throw new Error('Over 2000 messages into the future');
	while (key.iteration <= iteration) {
		key.skipped.set(key.iteration, key.chain);
		key.chain = nextChain(key.chain);
		key.iteration++;
	}
	return key.skipped.get(iteration);
}
