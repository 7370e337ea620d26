/** What the bytes of an encoded tree (tree.ts) mean. Stored data depends on all of it. */

/** Tags of values. Stored data depends on them: only ever add. */
export const Tag = {
	null: 0,
	undefined: 1,
	false: 2,
	true: 3,
	uint: 4,
	negative: 5,
	float: 6,
	text: 7,
	/** A string that is the base64 of the bytes that follow. */
	base64: 8,
	buffer: 9,
	uint8Array: 10,
	array: 11,
	object: 12,
	bigint: 13,
	date: 14,
} as const;

/** How an object's key is written; numbers from KEYS on are places in NAMES. */
export const Key = { text: 0, base64: 1, index: 2, names: 3 } as const;

/** Keys that occur often, written as one byte. Stored data depends on the order: only ever append. */
export const NAMES = [
	// libsignal's session record
	...['_sessions', 'version', 'registrationId', 'currentRatchet', 'ephemeralKeyPair', 'pubKey'],
	...['privKey', 'lastRemoteEphemeralKey', 'previousCounter', 'rootKey', 'indexInfo', 'baseKey'],
	...['baseKeyType', 'closed', 'used', 'created', 'remoteIdentityKey', '_chains', 'chainKey'],
	...['counter', 'key', 'chainType', 'messageKeys', 'pendingPreKey', 'signedKeyId', 'preKeyId'],
	// sender keys
	...['senderKeyId', 'senderChainKey', 'iteration', 'seed', 'senderSigningKey'],
	...['senderMessageKeys', 'public', 'private'],
	// app state, privacy tokens
	...['hash', 'indexValueMap', 'valueMac', 'keyData', 'fingerprint', 'rawId', 'currentIndex'],
	...['deviceIndexes', 'timestamp', 'token', 'senderTimestamp', 'low', 'high', 'unsigned'],
	// credentials
	...['noiseKey', 'pairingEphemeralKeyPair', 'signedIdentityKey', 'signedPreKey', 'keyPair'],
	...['signature', 'keyId', 'advSecretKey', 'processedHistoryMessages', 'nextPreKeyId'],
	...['firstUnuploadedPreKeyId', 'accountSyncCounter', 'accountSettings', 'unarchiveChats'],
	...['registered', 'pairingCode', 'lastPropHash', 'routingInfo', 'additionalData', 'me', 'id'],
	...['lid', 'name', 'account', 'details', 'accountSignatureKey', 'accountSignature'],
	...['deviceSignature', 'signalIdentities', 'identifier', 'identifierKey', 'deviceId'],
	...['platform', 'myAppStateKeyId', 'lastAccountSyncTimestamp', 'remoteJid', 'fromMe'],
	...['participant', 'messageTimestamp'],
];
export const NAME_INDEX = new Map(NAMES.map((name, index) => [name, index]));
