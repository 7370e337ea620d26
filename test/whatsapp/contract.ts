/**
 * What the stand-in's two halves agree on. The server (server/) routes stanzas between devices; a
 * device is either a remote client (Baileys over TLS WebSocket and Noise) or a virtual phone
 * (phone/) inside this process. Both speak the same stanzas: a virtual phone is not privileged, but
 * for pairing, which on the real service happens between phone and server out of a client's sight.
 */
import type { BinaryNode } from '@whiskeysockets/baileys';

export type { BinaryNode };

/** A person's account: one phone number and one LID, several devices (0 = the phone). */
export interface AccountIds {
	/** Digits without +, e.g. `15550101`. */
	readonly phone: string;
	/** Digits of the LID, e.g. `200000000000101`. */
	readonly lid: string;
}

/** How an in-process device talks to the server. */
export interface ServerLink {
	/** Sends a stanza as this device, as if it had come over its socket. */
	send(node: BinaryNode): void;
	/** Sends an iq (an id is added) and resolves with the answer; rejects on type="error". */
	query(node: BinaryNode): Promise<BinaryNode>;
	/** The phone confirms that it scanned the QR with this reference. */
	pair(request: PairRequest): Promise<PairedDevice>;
	/** The phone removes a companion device from the account. */
	unlink(device: number): void;
	close(): void;
}

/** What the phone hands to the server after a scan (or after the code exchange). */
export interface PairRequest {
	/** The reference from the QR text, or of the code exchange. */
	ref: string;
	/** Makes the ADVSignedDeviceIdentityHMAC bytes once the server has chosen the device number. */
	identityFor(device: number): Promise<Uint8Array>;
	/** `android`, `iphone`, `smba` ... shown to the companion. */
	platform: string;
	/** The companion's Noise static key from the QR: the one its socket must have used. */
	companionNoiseKey?: Uint8Array;
}

export interface PairedDevice {
	device: number;
	/**
	 * Resolves when the companion has logged in after pairing, has gone active and has got its
	 * closing `offline` count: what the phone sends then (keys, history) is live, not offline.
	 */
	loggedIn: Promise<void>;
}

/** What the server calls on an in-process device. Handlers must not throw; they answer with stanzas. */
export interface InProcessDevice {
	readonly ids: AccountIds;
	readonly device: number;
	onStanza(node: BinaryNode): void;
	/** The server ended this device's connection; its link is dead. */
	onClosed?(reason: string): void;
}

/*
 * Linking by code (all stanzas hold one `link_code_companion_reg` with a `stage`):
 * 1. The companion's iq `companion_hello` names the account (`jid`) and is answered with a
 *    `link_code_pairing_ref`. The phone gets a notification (type `link_code_companion_reg`) with
 *    stage `companion_hello`, the companion's children and that ref.
 * 2. When the person has typed the code, the phone sends an iq (xmlns `md`) with stage
 *    `primary_hello` and children `link_code_pairing_wrapped_primary_ephemeral_pub`,
 *    `primary_identity_pub`, `link_code_pairing_ref`; the companion gets these as a notification.
 * 3. The companion's iq `companion_finish` (`link_code_pairing_wrapped_key_bundle`,
 *    `companion_identity_public`, `link_code_pairing_ref`) is answered, and the phone gets these as a
 *    notification with stage `companion_finish`.
 * 4. The phone calls `pair` with that ref.
 *
 * Key bundles: a registration id may be 0 (Baileys draws it from one random byte).
 *
 * Media re-upload: a companion's receipt of type `server-error` to its own account goes to device 0.
 * The phone answers with a notification of type `mediaretry` whose `to` is the companion's device.
 */

/** The part of the server that the phone half uses. */
export interface PhoneHost {
	/** Registers the account (if new) and connects its phone (device 0). */
	connect(device: InProcessDevice, pushName: string): ServerLink;
	/** Waits for a condition that stanzas make true; rejects after `timeoutMs` naming `what`. */
	waitFor<T>(what: string, probe: () => T | undefined, timeoutMs?: number): Promise<T>;
	/** Encrypted media: where phones upload to and download from. */
	readonly mediaUrl: string;
	/** Milliseconds since the epoch, as the server's clock says. */
	now(): number;
}
