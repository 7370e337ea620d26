/** A device's Signal keys and its sessions with other devices, in memory. */
import { randomInt } from 'node:crypto';

import { wa } from '../proto';
import { generateKeyPair, isSignedBy, type KeyPair, sign, withoutType, withType } from './curve';
import {
	acceptSession,
	beginSession,
	type Bundle,
	type Ciphertext,
	copySession,
	decrypt,
	encrypt,
	type Session,
} from './session';

/** Old sessions kept for messages on the way, as in libsignal. */
const MAX_OLD_SESSIONS = 40;

/** What a decrypted message tells about its sender. */
export interface Decrypted {
	plain: Buffer;
	/** 32 bytes; with a pre-key message it is new knowledge about the sender. */
	identity: Buffer;
}

export class SignalStore {
	readonly identity: KeyPair = generateKeyPair();
	readonly registrationId = randomInt(1, 16_380);
	readonly signedPreKey: { id: number; pair: KeyPair; signature: Buffer };
	private readonly preKeys = new Map<number, KeyPair>();
	private nextPreKeyId = 1;
	/** By address; the first is the one to send with. */
	private readonly sessions = new Map<string, Session[]>();

	constructor() {
		const pair = generateKeyPair();
		const signature = sign(this.identity.private, withType(pair.public));
		this.signedPreKey = { id: 1, pair, signature };
	}

	/** Makes one-time pre-keys; their public halves are to be uploaded. */
	newPreKeys(count: number): Array<{ id: number; public: Buffer }> {
		return Array.from({ length: count }, () => {
			const pair = generateKeyPair();
			const id = this.nextPreKeyId++;
			this.preKeys.set(id, pair);
			return { id, public: pair.public };
		});
	}

	hasSession(address: string): boolean {
		return (this.sessions.get(address)?.length ?? 0) > 0;
	}

	/** The identity key that the current session with a device rests on. */
	identityOf(address: string): Buffer | undefined {
		const session = this.sessions.get(address)?.[0];
		return session && withoutType(session.theirIdentity);
	}

	/**
	 * Begins a session with a device. Throws when its signed pre-key is not signed by its identity:
	 * a real phone refuses that, so a client with broken signatures is found out here.
	 */
	begin(address: string, bundle: Bundle): void {
		const { public: key, signature } = bundle.signedPreKey;
		if (!isSignedBy(bundle.identity, withType(key), signature)) {
			throw new Error(`The signed pre-key of ${address} is not signed by its identity key`);
		}
		this.push(address, beginSession(this.identity, this.registrationId, bundle));
	}

	/** Moves all sessions of one user to another name: a LID has become known. */
	renameUser(from: string, to: string): void {
		for (const [address, sessions] of [...this.sessions]) {
			const [user, device] = address.split('.');
			if (user !== from) continue;
			this.sessions.delete(address);
			const renamed = `${to}.${device}`;
			this.sessions.set(renamed, [...(this.sessions.get(renamed) ?? []), ...sessions]);
		}
	}

	/** Forgets every session with a device. */
	drop(address: string): void {
		this.sessions.delete(address);
	}

	encrypt(address: string, plain: Uint8Array): Ciphertext {
		const session = this.sessions.get(address)?.[0];
		if (!session) throw new Error(`No session with ${address}`);
		return encrypt(session, plain);
	}

	/** Decrypts a `pkmsg` or `msg`; throws when no session fits, and then nothing has changed. */
	decrypt(address: string, type: string, body: Buffer): Decrypted {
		if (type === 'pkmsg') return this.decryptFirst(address, body);
		if (type !== 'msg') throw new Error(`Unknown kind of ciphertext: ${type}`);
		const sessions = this.sessions.get(address) ?? [];
		if (sessions.length === 0) throw new Error(`No session with ${address}`);
		const reasons: string[] = [];
		for (const session of sessions) {
			try {
				return this.decryptWith(address, session, body);
			} catch (error) {
				reasons.push((error as Error).message);
			}
		}
		throw new Error(`No session with ${address} fits: ${[...new Set(reasons)].join(', ')}`);
	}

	private decryptFirst(address: string, body: Buffer): Decrypted {
		if (body[0]! >> 4 !== 3) throw new Error('Not a version 3 pre-key message');
		const message = wa().PreKeySignalMessage.decode(body.subarray(1));
		if (!message.baseKey?.length || !message.identityKey?.length || !message.message?.length) {
			throw new Error('Incomplete pre-key message');
		}
		const baseKey = Buffer.from(message.baseKey);
		const inner = Buffer.from(message.message);
		const known = this.sessions
			.get(address)
			?.find((session) => session.baseKey.equals(withType(baseKey)));
		if (known) return this.decryptWith(address, known, inner);
		if (message.signedPreKeyId !== this.signedPreKey.id) throw new Error('Unknown signed pre-key');
		const preKey = message.preKeyId ? this.preKeys.get(message.preKeyId) : undefined;
		if (message.preKeyId && !preKey) throw new Error('Unknown one-time pre-key');
		const session = acceptSession(
			this.identity,
			{ signedPreKey: this.signedPreKey.pair, preKey },
			{
				identity: Buffer.from(message.identityKey),
				baseKey,
				registrationId: message.registrationId ?? 0,
			},
		);
		const plain = decrypt(session, inner);
		if (message.preKeyId) this.preKeys.delete(message.preKeyId);
		this.push(address, session);
		return { plain, identity: withoutType(session.theirIdentity) };
	}

	private decryptWith(address: string, session: Session, body: Buffer): Decrypted {
		const trial = copySession(session);
		const plain = decrypt(trial, body);
		// The session that the other side uses becomes the one to answer with, as on a real phone.
		const others = this.sessions.get(address)!.filter((other) => other !== session);
		this.sessions.set(address, [trial, ...others]);
		return { plain, identity: withoutType(trial.theirIdentity) };
	}

	private push(address: string, session: Session): void {
		const old = this.sessions.get(address) ?? [];
		this.sessions.set(address, [session, ...old].slice(0, MAX_OLD_SESSIONS));
	}
}
