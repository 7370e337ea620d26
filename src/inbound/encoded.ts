/** A message as WhatsApp writes it down, encoded once for everybody who keeps it. */
import type { WAMessage } from '@whiskeysockets/baileys';
import type { Baileys } from '../baileys';

/** Nobody changes a message that was told: what differs is another object. */
const ENCODED = new WeakMap<WAMessage, Uint8Array>();

/** Encoded proto.WebMessageInfo. */
export function encoded(message: WAMessage, { proto }: Baileys): Uint8Array {
	let bytes = ENCODED.get(message);
	if (!bytes) {
		bytes = proto.WebMessageInfo.encode(message).finish();
		ENCODED.set(message, bytes);
	}
	return bytes;
}
