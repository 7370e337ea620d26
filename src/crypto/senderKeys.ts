/**
 * Baileys' records of group sender keys, kept small and readable. Seen in Baileys 7.0.0-rc14:
 *
 * - `GroupCipher.encrypt` uses every second key of its own chain only and keeps the one between for
 *   later, though nobody ever decrypts with a key of one's own. After 2 000 messages to a group the
 *   record holds 2 000 of them, 330 KB of JSON that is read twice and written once for every message.
 *   Who reads such a sender keeps them too. Other clients use one key after the other, and so do we.
 * - Bytes are written as lists of numbers, which Baileys' reader does not turn back into a Buffer. A
 *   group message that arrives after a later one then fails with "Expected Buffer instead of: Object".
 *
 * Records stay JSON in Baileys' form, with base64 for bytes, and with the keys of missing messages in
 * one piece. Bare Baileys reads them all the same; it only forgets the keys of missing messages.
 */
type Group = typeof import('@whiskeysockets/baileys/lib/Signal/Group/index.js');
type Structure = ReturnType<InstanceType<Group['SenderKeyRecord']>['serialize']>[number];
type State = InstanceType<Group['SenderKeyState']>;
type MessageKeys = Structure['senderMessageKeys'];

/** GroupCipher's private method: takes the key of this iteration out of the state. */
interface KeyTaker {
	getSenderKey(state: State, iteration: number): unknown;
}

const LEAN = Symbol.for('n8n-nodes-whatsapp-linked/lean-sender-keys');
const SEED_LENGTH = 32;
/** A message key in one piece with others: its iteration (big-endian), then its seed. */
const ENTRY_LENGTH = 4 + SEED_LENGTH;

function toJson(bytes: Uint8Array) {
	return { type: 'Buffer', data: Buffer.from(bytes).toString('base64') };
}

/** Bytes as Baileys or we write them in JSON. */
function fromJson(value: unknown): Buffer {
	if (typeof value === 'object' && value !== null && 'type' in value && 'data' in value) {
		const { type, data } = value;
		if (type === 'Buffer' && typeof data === 'string') return Buffer.from(data, 'base64');
		if (type === 'Buffer' && Array.isArray(data)) return Buffer.from(data);
	}
	throw new TypeError('not the JSON of a buffer');
}

function pack(keys: MessageKeys): Buffer {
	const packed = Buffer.allocUnsafe(keys.length * ENTRY_LENGTH);
	keys.forEach(({ iteration, seed }, index) => {
		if (seed.length !== SEED_LENGTH) throw new TypeError('a seed of another length');
		packed.writeUInt32BE(iteration, index * ENTRY_LENGTH);
		packed.set(seed, index * ENTRY_LENGTH + 4);
	});
	return packed;
}

function unpack(packed: Buffer): MessageKeys {
	return Array.from({ length: packed.length / ENTRY_LENGTH }, (_, index) => {
		const at = index * ENTRY_LENGTH;
		return { iteration: packed.readUInt32BE(at), seed: packed.subarray(at + 4, at + ENTRY_LENGTH) };
	});
}

/** A state as it is written. */
function lean(state: Structure): object {
	const { iteration, seed } = state.senderChainKey;
	const { public: shared, private: own } = state.senderSigningKey;
	// Only the sender has the private signing key.
	const isOwn = own !== undefined && own.length > 0;
	return {
		...state,
		senderChainKey: { iteration, seed: toJson(seed) },
		senderSigningKey: { public: toJson(shared), private: own && toJson(own) },
		senderMessageKeys: isOwn ? [] : toJson(pack(state.senderMessageKeys)),
	};
}

/** A state as Baileys works with it, from what we or bare Baileys wrote. */
function full(written: Structure): Structure {
	const { senderChainKey, senderSigningKey } = written;
	const keys: unknown = written.senderMessageKeys;
	const { private: own } = senderSigningKey;
	return {
		...written,
		senderChainKey: { ...senderChainKey, seed: fromJson(senderChainKey.seed) },
		senderSigningKey: {
			public: fromJson(senderSigningKey.public),
			private: own && fromJson(own),
		},
		senderMessageKeys: Array.isArray(keys)
			? (keys as MessageKeys).map((key) => ({ ...key, seed: fromJson(key.seed) }))
			: unpack(fromJson(keys)),
	};
}

/**
 * Makes Baileys skip no keys when it encrypts, and write and read lean records. Calling it again
 * changes nothing.
 *
 * @param group Baileys' module `lib/Signal/Group/index.js`
 */
export function keepSenderKeysLean({ SenderKeyRecord, GroupCipher }: Group): void {
	if (Object.hasOwn(SenderKeyRecord, LEAN)) return;
	Object.defineProperty(SenderKeyRecord, LEAN, { value: true });

	const cipher = GroupCipher.prototype as unknown as KeyTaker;
	const { getSenderKey } = cipher;
	cipher.getSenderKey = function (state, iteration) {
		const isOwn = (state.getSigningKeyPrivate() ?? []).length > 0;
		const next = state.getSenderChainKey().getIteration();
		return getSenderKey.call(this, state, isOwn && iteration === next + 1 ? next : iteration);
	};

	const { serialize } = SenderKeyRecord.prototype;
	SenderKeyRecord.prototype.serialize = function () {
		// What it returns is only ever made into JSON.
		return serialize.call(this).map(lean) as Structure[];
	};
	const deserialize = SenderKeyRecord.deserialize.bind(SenderKeyRecord);
	SenderKeyRecord.deserialize = (data) => {
		const states = JSON.parse(Buffer.from(data).toString()) as Structure[];
		try {
			return new SenderKeyRecord(states.map(full));
		} catch {
			// Neither ours nor this Baileys': its own reader knows more forms of bytes.
			return deserialize(data);
		}
	};
}
