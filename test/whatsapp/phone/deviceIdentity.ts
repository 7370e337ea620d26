/**
 * The signed identity of a companion: how an account vouches for its linked devices (ADV). Formats as
 * in Baileys' validate-connection.js, checks as whatsmeow makes them.
 */
import type { PhoneCore } from './core';
import { parseJid } from './jids';
import { type proto, wa } from './proto';
import { isSignedBy, sign, withoutType } from './signal/curve';
import { hmacSha256, sha256 } from './signal/kdf';

const ACCOUNT_SIGNATURE = Buffer.from([6, 0]);
const DEVICE_SIGNATURE = Buffer.from([6, 1]);

/** Device keys with identities whose signatures are valid: shown with every first message. */
const valid = new Set<string>();
const VALID_KEPT = 1_000;

/**
 * What the phone gives a companion at pairing: encoded ADVSignedDeviceIdentityHMAC.
 * @param device becomes the key index too (assumed: on the real service both only ever grow)
 */
export function makeDeviceIdentity(
	core: PhoneCore,
	companionIdentity: Uint8Array,
	advSecret: Uint8Array,
	device: number,
): Uint8Array {
	const details = wa()
		.ADVDeviceIdentity.encode({
			rawId: core.signal.registrationId,
			timestamp: core.seconds,
			keyIndex: device,
		})
		.finish();
	const signed = wa()
		.ADVSignedDeviceIdentity.encode({
			details,
			accountSignatureKey: core.signal.identity.public,
			accountSignature: sign(
				core.signal.identity.private,
				Buffer.concat([ACCOUNT_SIGNATURE, details, companionIdentity]),
			),
		})
		.finish();
	return wa()
		.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac: hmacSha256(advSecret, signed) })
		.finish();
}

/**
 * Checks what a companion shows with its keys or its first message: that the account vouches for this
 * device key, that the device accepted, and that the account's key is the one its phone has. Throws
 * with what is wrong; a real phone then shows nothing of the message.
 */
export function checkDeviceIdentity(
	core: PhoneCore,
	jid: string,
	deviceKey: Uint8Array,
	encoded: Uint8Array,
): void {
	let identity: proto.ADVSignedDeviceIdentity;
	try {
		identity = wa().ADVSignedDeviceIdentity.decode(encoded);
	} catch {
		throw new Error(`The device identity of ${jid} is malformed`);
	}
	const { details, accountSignature, deviceSignature } = identity;
	if (!details || !accountSignature || !deviceSignature || !identity.accountSignatureKey) {
		throw new Error(`The device identity of ${jid} is incomplete`);
	}
	const accountKey = withoutType(identity.accountSignatureKey);
	const key = withoutType(deviceKey);
	const shown = sha256(key, encoded).toString('base64');
	if (!valid.has(shown)) {
		const vouched = Buffer.concat([ACCOUNT_SIGNATURE, details, key]);
		if (!isSignedBy(accountKey, vouched, accountSignature)) {
			throw new Error(`The account does not vouch for ${jid}`);
		}
		const accepted = Buffer.concat([DEVICE_SIGNATURE, details, key, accountKey]);
		if (!isSignedBy(key, accepted, deviceSignature)) {
			throw new Error(`${jid} has not accepted its account`);
		}
		if (valid.size >= VALID_KEPT) valid.clear();
		valid.add(shown);
	}
	const { user, server } = parseJid(jid);
	const known = core.isMine(jid)
		? core.signal.identity.public
		: core.signal.identityOf(core.signalAddress(`${user}@${server}`));
	if (known && !known.equals(accountKey)) {
		throw new Error(`${jid} is vouched for by another account`);
	}
}
