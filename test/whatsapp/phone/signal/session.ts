/**
 * One Signal session: X3DH and the double ratchet as WhatsApp uses them (message version 3). Written
 * from the specifications, not on top of libsignal, whose sessions print private keys to the console;
 * the tests run it against libsignal.
 */
import { timingSafeEqual } from 'node:crypto';

import { wa } from '../proto';
import { agree, generateKeyPair, type KeyPair, withType } from './curve';
import { cbcDecrypt, cbcEncrypt, hkdf, hmacSha256 } from './kdf';

const VERSION = 0x33;
const MAC_LENGTH = 8;
/** How far ahead of the last seen message a counter may be, as in libsignal. */
const MAX_AHEAD = 2000;

interface Chain {
	key: Buffer;
	/** Counter of the next message. */
	next: number;
	/** Message keys of messages not seen yet. */
	skipped: Map<number, Buffer>;
}

/** What is needed to answer, and to be found again; all fields are replaced, never changed in place. */
export interface Session {
	ourIdentity: Buffer;
	theirIdentity: Buffer;
	theirRegistrationId: number;
	baseKey: Buffer;
	rootKey: Buffer;
	ourRatchet: KeyPair;
	sending?: Chain;
	receiving: Map<string, Chain>;
	lastRemoteRatchet?: string;
	previousCounter: number;
	/** Set on the side that began, until the other side has answered. */
	pending?: { preKeyId?: number; signedPreKeyId: number; registrationId: number };
}

/** A device's public keys, as the server hands them out. */
export interface Bundle {
	registrationId: number;
	identity: Buffer;
	signedPreKey: { id: number; public: Buffer; signature: Buffer };
	preKey?: { id: number; public: Buffer };
}

export interface Ciphertext {
	type: 'pkmsg' | 'msg';
	body: Buffer;
}

const masterSecret = (agreements: Buffer[]): Buffer =>
	hkdf(Buffer.concat([Buffer.alloc(32, 0xff), ...agreements]), 64, 'WhisperText');

function ratchetStep(session: Session, remoteRatchet: Buffer): { rootKey: Buffer; chain: Chain } {
	const shared = agree(session.ourRatchet.private, remoteRatchet);
	const derived = hkdf(shared, 64, 'WhisperRatchet', session.rootKey);
	return {
		rootKey: derived.subarray(0, 32),
		chain: { key: derived.subarray(32), next: 0, skipped: new Map() },
	};
}

/** Begins a session with somebody's bundle; its signature must have been checked. */
export function beginSession(identity: KeyPair, registrationId: number, bundle: Bundle): Session {
	const base = generateKeyPair();
	const agreements = [
		agree(identity.private, bundle.signedPreKey.public),
		agree(base.private, bundle.identity),
		agree(base.private, bundle.signedPreKey.public),
	];
	if (bundle.preKey) agreements.push(agree(base.private, bundle.preKey.public));
	const session: Session = {
		ourIdentity: withType(identity.public),
		theirIdentity: withType(bundle.identity),
		theirRegistrationId: bundle.registrationId,
		baseKey: withType(base.public),
		rootKey: masterSecret(agreements).subarray(0, 32),
		ourRatchet: generateKeyPair(),
		receiving: new Map(),
		previousCounter: 0,
		pending: {
			preKeyId: bundle.preKey?.id,
			signedPreKeyId: bundle.signedPreKey.id,
			registrationId,
		},
	};
	const { rootKey, chain } = ratchetStep(session, withType(bundle.signedPreKey.public));
	session.rootKey = rootKey;
	session.sending = chain;
	session.lastRemoteRatchet = withType(bundle.signedPreKey.public).toString('base64');
	return session;
}

/** The other side of {@link beginSession}: what a pre-key message names, with our private halves. */
export function acceptSession(
	identity: KeyPair,
	keys: { signedPreKey: KeyPair; preKey?: KeyPair },
	message: { identity: Buffer; baseKey: Buffer; registrationId: number },
): Session {
	const agreements = [
		agree(keys.signedPreKey.private, message.identity),
		agree(identity.private, message.baseKey),
		agree(keys.signedPreKey.private, message.baseKey),
	];
	if (keys.preKey) agreements.push(agree(keys.preKey.private, message.baseKey));
	return {
		ourIdentity: withType(identity.public),
		theirIdentity: withType(message.identity),
		theirRegistrationId: message.registrationId,
		baseKey: withType(message.baseKey),
		rootKey: masterSecret(agreements).subarray(0, 32),
		ourRatchet: keys.signedPreKey,
		receiving: new Map(),
		previousCounter: 0,
	};
}

function advance(chain: Chain, to: number): void {
	if (to - chain.next > MAX_AHEAD) throw new Error('Over 2000 messages into the future');
	while (chain.next <= to) {
		chain.skipped.set(chain.next, hmacSha256(chain.key, Buffer.from([1])));
		chain.key = hmacSha256(chain.key, Buffer.from([2]));
		chain.next++;
	}
}

function messageKeys(seed: Buffer): { cipher: Buffer; mac: Buffer; iv: Buffer } {
	const keys = hkdf(seed, 80, 'WhisperMessageKeys');
	return { cipher: keys.subarray(0, 32), mac: keys.subarray(32, 64), iv: keys.subarray(64) };
}

const macOf = (key: Buffer, sender: Buffer, receiver: Buffer, message: Uint8Array): Buffer =>
	hmacSha256(key, sender, receiver, message).subarray(0, MAC_LENGTH);

/** Encrypts the next message of a session and moves the session on. */
export function encrypt(session: Session, plain: Uint8Array): Ciphertext {
	const chain = session.sending;
	if (!chain) throw new Error('The session has nothing to send with');
	const counter = chain.next;
	advance(chain, counter);
	const keys = messageKeys(chain.skipped.get(counter)!);
	chain.skipped.delete(counter);
	const signal = wa()
		.SignalMessage.encode({
			ratchetKey: withType(session.ourRatchet.public),
			counter,
			previousCounter: session.previousCounter,
			ciphertext: cbcEncrypt(keys.cipher, keys.iv, plain),
		})
		.finish();
	const message = Buffer.concat([Buffer.from([VERSION]), signal]);
	const mac = macOf(keys.mac, session.ourIdentity, session.theirIdentity, message);
	const body = Buffer.concat([message, mac]);
	if (!session.pending) return { type: 'msg', body };
	const preKeyMessage = wa()
		.PreKeySignalMessage.encode({
			registrationId: session.pending.registrationId,
			preKeyId: session.pending.preKeyId,
			signedPreKeyId: session.pending.signedPreKeyId,
			baseKey: session.baseKey,
			identityKey: session.ourIdentity,
			message: body,
		})
		.finish();
	return { type: 'pkmsg', body: Buffer.concat([Buffer.from([VERSION]), preKeyMessage]) };
}

/** A copy deep enough that a failed {@link decrypt} leaves the original as it was. */
export function copySession(session: Session): Session {
	const copyChain = (chain: Chain): Chain => ({ ...chain, skipped: new Map(chain.skipped) });
	return {
		...session,
		sending: session.sending && copyChain(session.sending),
		receiving: new Map([...session.receiving].map(([id, chain]) => [id, copyChain(chain)])),
	};
}

function turnRatchet(session: Session, remoteRatchet: Buffer, previousCounter: number): void {
	const last = session.lastRemoteRatchet && session.receiving.get(session.lastRemoteRatchet);
	if (last) advance(last, previousCounter);
	const incoming = ratchetStep(session, remoteRatchet);
	session.rootKey = incoming.rootKey;
	session.receiving.set(remoteRatchet.toString('base64'), incoming.chain);
	if (session.sending) session.previousCounter = Math.max(session.sending.next - 1, 0);
	session.ourRatchet = generateKeyPair();
	const outgoing = ratchetStep(session, remoteRatchet);
	session.rootKey = outgoing.rootKey;
	session.sending = outgoing.chain;
	session.lastRemoteRatchet = remoteRatchet.toString('base64');
}

/** Decrypts a `msg` body with a session and moves the session on; throws when it does not fit. */
export function decrypt(session: Session, body: Buffer): Buffer {
	if (body[0]! >> 4 !== 3) throw new Error('Not a version 3 message');
	const message = body.subarray(0, -MAC_LENGTH);
	const decoded = wa().SignalMessage.decode(message.subarray(1));
	if (decoded.ratchetKey?.length !== 33) throw new Error('The message has no ratchet key');
	const remoteRatchet = Buffer.from(decoded.ratchetKey);
	const counter = decoded.counter ?? 0;
	const id = remoteRatchet.toString('base64');
	if (!session.receiving.has(id)) {
		turnRatchet(session, remoteRatchet, decoded.previousCounter ?? 0);
	}
	const chain = session.receiving.get(id)!;
	advance(chain, counter);
	const seed = chain.skipped.get(counter);
	if (!seed) throw new Error('Message key used already');
	const keys = messageKeys(seed);
	const mac = macOf(keys.mac, session.theirIdentity, session.ourIdentity, message);
	if (!timingSafeEqual(mac, body.subarray(-MAC_LENGTH))) throw new Error('Bad MAC');
	const plain = cbcDecrypt(keys.cipher, keys.iv, decoded.ciphertext ?? Buffer.alloc(0));
	chain.skipped.delete(counter);
	delete session.pending;
	return plain;
}
