/**
 * What takes the place of libsignal's `curve.verifySignature` and `curve.calculateSignature`.
 *
 * libsignal's contract is to return a boolean, and to return true unchecked when its fourth argument
 * is set. Read in libsignal 6.0.0 and Baileys 7.0.0-rc14, these are all the callers:
 *
 * | caller | what it does with the result |
 * | --- | --- |
 * | libsignal `SessionBuilder.initOutgoing` (signed pre-key) | ignores it, and asks not to check |
 * | Baileys `Utils/crypto.js` `Curve.verify` | ignores it: true unless it throws |
 * | - via it `noise-handler.js` `processHandshake` | both certificates of the server |
 * | - via it `validate-connection.js` `configureSuccessfulPairing` | the account's signature |
 * | Baileys `Signal/Group/sender-key-message.js` `verifySignature` | throws when it is false |
 *
 * So the one answer that every one of them respects is to throw. `calculateSignature` is called by
 * `Curve.sign`, `SenderKeyMessage.getSignature` and libsignal's `keyhelper.generateSignedPreKey`.
 * Key generation and agreement use node:crypto in libsignal already and stay as they are.
 */
import { isUint8Array } from 'node:util/types';
import type { LibsignalCurve } from './quietLibsignal';
import { sign, verify } from './xeddsa';

const KEY_TYPE = 5;

/** A signature that is not by the expected key. The text is what Baileys says of group messages. */
export class BadSignatureError extends Error {
	override readonly name = 'BadSignatureError';
	readonly code = 'BAD_SIGNATURE';

	constructor() {
		super('Invalid signature!');
	}
}

/** By name: libsignal may be held by an older copy of this package in the same process. */
export function isBadSignature(error: unknown): boolean {
	return error instanceof Error && error.name === 'BadSignatureError';
}

/** The 32 bytes of a public key as libsignal takes it: a Buffer of 32, or of 33 beginning with 5. */
function bareKey(publicKey: Buffer): Buffer {
	if (Buffer.isBuffer(publicKey)) {
		if (publicKey.length === 32) return publicKey;
		if (publicKey.length === 33 && publicKey[0] === KEY_TYPE) return publicKey.subarray(1);
	}
	throw new TypeError('Invalid public key');
}

function assertBytes(value: unknown, name: string, length?: number): asserts value is Uint8Array {
	if (!isUint8Array(value) || (length !== undefined && value.length !== length)) {
		throw new TypeError(`Invalid ${name}`);
	}
}

/** The replacements: `verifySignature` returns true or throws, never false. */
export const checkedSignatures: LibsignalCurve = {
	verifySignature(publicKey, message, signature) {
		const key = bareKey(publicKey);
		assertBytes(message, 'message');
		assertBytes(signature, 'signature', 64);
		if (!verify(key, message, signature)) throw new BadSignatureError();
		return true;
	},
	calculateSignature(privateKey, message) {
		if (!Buffer.isBuffer(privateKey)) throw new TypeError('Invalid private key');
		assertBytes(privateKey, 'private key', 32);
		assertBytes(message, 'message');
		return sign(privateKey, message);
	},
};

/** The same checks by libsignal's own slow code, for comparison and in case of doubt. */
export function slowButChecked(bare: LibsignalCurve): LibsignalCurve {
	return {
		verifySignature(publicKey, message, signature) {
			// Without the fourth argument, which would switch the check off.
			if (!bare.verifySignature(publicKey, message, signature)) throw new BadSignatureError();
			return true;
		},
		calculateSignature: (privateKey, message) => bare.calculateSignature(privateKey, message),
	};
}
