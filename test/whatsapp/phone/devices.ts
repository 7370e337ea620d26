/** Whom a message has to be encrypted for: device lists and key bundles from the server. */
import type { PhoneCore } from './core';
import { formatJid, isLid, isPn, parseJid, userOf } from './jids';
import { bigEndian, type BinaryNode, bytes, child, children, node, uint } from './nodes';
import { KEY_TYPE, withoutType } from './signal/curve';
import type { Bundle } from './signal/session';
import { checkDeviceIdentity } from './deviceIdentity';

const PRE_KEYS = 100;
/** Below this the server asks for more (Baileys: MIN_PREKEY_COUNT). */
const FEW_PRE_KEYS = 5;

export class Devices {
	constructor(private readonly core: PhoneCore) {
		core.on('notification', 'encrypt', (stanza) => this.onEncrypt(stanza));
	}

	/** Uploads the identity, the signed pre-key and fresh one-time pre-keys, as a client does. */
	async uploadKeys(count = PRE_KEYS): Promise<void> {
		const { signal } = this.core;
		const { id, pair, signature } = signal.signedPreKey;
		const key = (keyId: number, value: Buffer) => [
			node('id', {}, bigEndian(keyId, 3)),
			node('value', {}, value),
		];
		await this.core.query('encrypt', 'set', [
			node('registration', {}, bigEndian(signal.registrationId, 4)),
			node('type', {}, Buffer.from([KEY_TYPE])),
			node('identity', {}, signal.identity.public),
			node(
				'list',
				{},
				signal.newPreKeys(count).map((preKey) => node('key', {}, key(preKey.id, preKey.public))),
			),
			node('skey', {}, [...key(id, pair.public), node('signature', {}, signature)]),
		]);
	}

	/**
	 * The devices of people, as addresses in the form (LID or phone number) that each was asked in.
	 * Rejects when somebody has none: not on WhatsApp.
	 */
	async of(users: string[]): Promise<string[]> {
		const asked = [...new Set(users.map(userOf))];
		const answer = await this.core.query('usync', 'get', [
			node(
				'usync',
				{ context: 'message', mode: 'query', sid: this.core.newId(), last: 'true', index: '0' },
				[
					node('query', {}, [node('devices', { version: '2' }), node('lid')]),
					node(
						'list',
						{},
						asked.map((jid) => node('user', { jid })),
					),
				],
			),
		]);
		const found = children(child(answer, 'usync', 'list'), 'user');
		for (const user of found) {
			this.core.directory.learn(user.attrs.jid, child(user, 'lid')?.attrs.val);
		}
		return asked.flatMap((jid) => {
			const user = found.find((candidate) => userOf(candidate.attrs.jid ?? jid) === jid);
			const devices = children(child(user, 'devices', 'device-list'), 'device');
			if (devices.length === 0) throw new Error(`${jid} is not on WhatsApp`);
			const { user: name, server } = parseJid(jid);
			return devices.map((device) => formatJid(name, server, Number(device.attrs.id)));
		});
	}

	/** The address that a person is written to: the LID, which the server tells for a number. */
	async chatWith(jid: string): Promise<string> {
		if (!isPn(jid)) return jid;
		if (!isLid(this.core.directory.canonical(jid))) await this.of([jid]);
		return this.core.directory.canonical(jid);
	}

	/** Begins sessions with those devices that there is none with yet; `fresh`: with all of them. */
	async assertSessions(devices: string[], fresh = false): Promise<void> {
		const wanted = devices.filter(
			(jid) => fresh || !this.core.signal.hasSession(this.core.signalAddress(jid)),
		);
		if (wanted.length === 0) return;
		const answer = await this.core.query('encrypt', 'get', [
			node(
				'key',
				{},
				wanted.map((jid) => node('user', { jid, reason: fresh ? 'identity' : undefined })),
			),
		]);
		const found = children(child(answer, 'list'), 'user');
		for (const jid of wanted) {
			const user = found.find((candidate) => candidate.attrs.jid === jid);
			if (!user) throw new Error(`The server has no keys of ${jid}`);
			this.begin(jid, user, bytes(child(user, 'device-identity')));
		}
	}

	/** Begins a session with the bundle in a node (of the server, or in a retry receipt). */
	begin(jid: string, at: BinaryNode, deviceIdentity?: Buffer, registration?: number): void {
		const bundle = readBundle(at, registration);
		if (!bundle) throw new Error(`Incomplete key bundle of ${jid}`);
		if (deviceIdentity) checkDeviceIdentity(this.core, jid, bundle.identity, deviceIdentity);
		this.core.signal.begin(this.core.signalAddress(jid), bundle);
	}

	private async onEncrypt(stanza: BinaryNode): Promise<void> {
		const count = child(stanza, 'count')?.attrs.value;
		if (count !== undefined) {
			if (Number(count) < FEW_PRE_KEYS) await this.uploadKeys();
			return;
		}
		// Somebody has a new identity (re-installed): the old session is of no use any more.
		if (child(stanza, 'identity') && stanza.attrs.from) {
			this.core.signal.drop(this.core.signalAddress(stanza.attrs.from));
		}
	}
}

function readBundle(at: BinaryNode, registration?: number): Bundle | undefined {
	const identity = bytes(child(at, 'identity'));
	const signedKey = child(at, 'skey');
	const [signedId, signedPublic] = [uint(child(signedKey, 'id')), bytes(child(signedKey, 'value'))];
	const signature = bytes(child(signedKey, 'signature'));
	const registrationId = registration ?? uint(child(at, 'registration'));
	if (
		!identity ||
		signedId === undefined ||
		!signedPublic ||
		!signature ||
		registrationId === undefined
	) {
		return undefined;
	}
	const [keyId, keyPublic] = [uint(child(at, 'key', 'id')), bytes(child(at, 'key', 'value'))];
	return {
		registrationId,
		identity: withoutType(identity),
		signedPreKey: { id: signedId, public: withoutType(signedPublic), signature },
		preKey:
			keyId !== undefined && keyPublic ? { id: keyId, public: withoutType(keyPublic) } : undefined,
	};
}
