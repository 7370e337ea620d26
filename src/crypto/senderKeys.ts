/**
 * Baileys' records of group sender keys, kept small and readable. Seen in Baileys 7.0.0-rc14:
 *
 * - `GroupCipher.encrypt` uses every second key of its own chain and keeps the one between for later,
 *   though nobody ever decrypts with a key of one's own: after 2 000 messages to a group the record
 *   holds 2 000 of them, 400 KB of JSON that is read twice and written once for every message.
 * - Bytes are written as lists of numbers, which Baileys' reader does not turn back into a Buffer. A
 *   group message that arrives after a later one then fails with "Expected Buffer instead of: Object".
 */
type Group = typeof import('@whiskeysockets/baileys/lib/Signal/Group/index.js');
type Structure = ReturnType<InstanceType<Group['SenderKeyRecord']>['serialize']>[number];

const LEAN = Symbol.for('n8n-nodes-whatsapp-linked/lean-sender-keys');

/** Bytes as Baileys' reader of JSON (`BufferJSON.reviver`) takes them. */
function withBase64<Value extends { seed?: Uint8Array; public?: Uint8Array; private?: Uint8Array }>(
	value: Value,
): Value {
	const toJson = (bytes: Uint8Array | undefined) =>
		bytes && { type: 'Buffer', data: Buffer.from(bytes).toString('base64') };
	const written: Record<string, unknown> = { ...value };
	for (const name of ['seed', 'public', 'private'] as const) {
		if (name in value) written[name] = toJson(value[name]);
	}
	return written as Value;
}

function lean(state: Structure): Structure {
	const { private: own } = state.senderSigningKey;
	return {
		...state,
		senderChainKey: withBase64(state.senderChainKey),
		senderSigningKey: withBase64(state.senderSigningKey),
		// Only the sender has the private signing key.
		senderMessageKeys:
			own && Buffer.from(own).length > 0 ? [] : state.senderMessageKeys.map(withBase64),
	};
}

/**
 * Makes Baileys write lean records; it reads them, and those it wrote before, as they are.
 *
 * @param group Baileys' module `lib/Signal/Group/index.js`
 */
export function keepSenderKeysLean({ SenderKeyRecord }: Group): void {
	if (Object.hasOwn(SenderKeyRecord, LEAN)) return;
	Object.defineProperty(SenderKeyRecord, LEAN, { value: true });
	const { serialize } = SenderKeyRecord.prototype;
	SenderKeyRecord.prototype.serialize = function () {
		return serialize.call(this).map(lean);
	};
}
