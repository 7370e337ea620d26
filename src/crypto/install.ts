/**
 * Puts checked signatures and a quiet, quicker libsignal in place. Baileys rc14 ignores the result of most
 * signature checks, so without this neither the server's certificate, nor the pairing, nor
 * signed pre-keys are enforced, and only TLS protects the link. `secureBaileys` is the other half.
 */
import { checkedSignatures, slowButChecked } from './checkedSignatures';
import { fastSymmetric } from './fastSymmetric';
import { keepSessionsParsed } from './keptSessions';
import { isPlain } from './quickParts';
import type { LibsignalCurve } from './quietLibsignal';
import { loadQuietLibsignal } from './quietLibsignal';

/** Set to 1: signatures by libsignal's own JavaScript, 10 to 60 times slower, checked all the same. */
const SLOW = 'WHATSAPP_LINKED_SLOW_SIGNATURES';
/** Where libsignal's own functions stay, so that a newer copy of this package finds them. */
const BARE = Symbol.for('n8n-nodes-whatsapp-linked/bare-signatures');

type PatchedCurve = LibsignalCurve & { [BARE]?: LibsignalCurve };

/**
 * Replaces libsignal's signature functions for everybody who shares Baileys' libsignal. Call it
 * before Baileys is imported: an ES module copies what it imports from CommonJS at that moment.
 * Calling it again changes nothing but takes up a changed environment.
 */
export function installCheckedSignatures(): void {
	const libsignal = loadQuietLibsignal();
	const curve: PatchedCurve = libsignal.curve;
	const bare = (curve[BARE] ??= {
		verifySignature: curve.verifySignature,
		calculateSignature: curve.calculateSignature,
	});
	Object.assign(curve, process.env[SLOW] === '1' ? slowButChecked(bare) : checkedSignatures);
	Object.assign(libsignal.crypto, fastSymmetric);
	if (!isPlain()) keepSessionsParsed(libsignal.SessionRecord);
}
