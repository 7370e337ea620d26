/** One collection of app state: its version, its hash and what is set in it. */
import { randomBytes } from 'node:crypto';

import { type proto, toNumber, wa } from '../proto';
import { cbcDecrypt, cbcEncrypt, hmacSha256 } from '../signal/kdf';
import {
	changeHash,
	HASH_LENGTH,
	mutationKeys,
	type MutationKeys,
	patchMac,
	snapshotMac,
	valueMac,
} from './crypto';

const MAC_LENGTH = 32;
const IV_LENGTH = 16;

/** Something that is set: `['archive', chat]`, `['contact', person]` ... */
export interface Mutation {
	index: string[];
	/** Left out to take it away. */
	value?: proto.ISyncActionValue;
	/** Version of the action's format, as in Baileys' chatModificationToAppPatch. */
	version: number;
}

export interface SyncKey {
	id: Buffer;
	data: Buffer;
}

interface State {
	version: number;
	hash: Buffer;
	/** Value MACs by index MAC (base64). */
	macs: Map<string, Buffer>;
	/** What is set, by index as JSON. */
	actions: Map<string, proto.ISyncActionValue>;
}

export class Collection {
	private state: State = empty();
	private readonly keys: MutationKeys;

	constructor(
		readonly name: string,
		private readonly key: SyncKey,
	) {
		this.keys = mutationKeys(key.data);
	}

	get version(): number {
		return this.state.version;
	}

	/** What is set under an index. */
	get(index: string[]): proto.ISyncActionValue | undefined {
		return this.state.actions.get(JSON.stringify(index));
	}

	/** Everything that is set, by index as JSON. */
	get actions(): ReadonlyMap<string, proto.ISyncActionValue> {
		return this.state.actions;
	}

	/** The next patch with these changes; the collection itself changes when `apply` gets it. */
	encode(mutations: Mutation[]): Uint8Array {
		const { SyncdOperation } = wa().SyncdMutation;
		const encoded = mutations.map((mutation) => this.encodeMutation(mutation));
		const next = this.mix(
			encoded.map(({ indexMac, mac, set }) => ({ indexMac, valueMac: mac, set })),
		);
		const version = this.state.version + 1;
		const snapshot = snapshotMac(this.keys.snapshotMac, next.hash, version, this.name);
		return wa()
			.SyncdPatch.encode({
				snapshotMac: snapshot,
				patchMac: patchMac(
					this.keys.patchMac,
					snapshot,
					encoded.map(({ mac }) => mac),
					version,
					this.name,
				),
				keyId: { id: this.key.id },
				mutations: encoded.map(({ set, indexMac, secret, mac }) => ({
					operation: set ? SyncdOperation.SET : SyncdOperation.REMOVE,
					record: {
						index: { blob: indexMac },
						value: { blob: Buffer.concat([secret, mac]) },
						keyId: { id: this.key.id },
					},
				})),
			})
			.finish();
	}

	/** Takes the next patch in; throws, and changes nothing, when a MAC or the hash does not fit. */
	apply(bytes: Uint8Array): Mutation[] {
		const patch = wa().SyncdPatch.decode(bytes);
		const version = toNumber(patch.version?.version) || this.state.version + 1;
		if (version !== this.state.version + 1) {
			throw new Error(`${this.name}: patch ${version} does not follow ${this.state.version}`);
		}
		const records = patch.mutations.map((mutation) => this.decodeMutation(mutation));
		const next = this.mix(records);
		const snapshot = snapshotMac(this.keys.snapshotMac, next.hash, version, this.name);
		if (!snapshot.equals(patch.snapshotMac ?? Buffer.alloc(0))) {
			throw new Error(`${this.name}: the hash of patch ${version} does not fit`);
		}
		const values = records.map((record) => record.valueMac);
		const mac = patchMac(this.keys.patchMac, snapshot, values, version, this.name);
		if (!mac.equals(patch.patchMac ?? Buffer.alloc(0))) {
			throw new Error(`${this.name}: the MAC of patch ${version} does not fit`);
		}
		for (const { set, mutation } of records) {
			const index = JSON.stringify(mutation.index);
			if (set && mutation.value) next.actions.set(index, mutation.value);
			else next.actions.delete(index);
		}
		this.state = { ...next, version };
		return records.map(({ mutation, set }) =>
			set ? mutation : { index: mutation.index, version: mutation.version },
		);
	}

	private encodeMutation({ index, value, version }: Mutation) {
		const set = value !== undefined;
		const indexBytes = Buffer.from(JSON.stringify(index));
		const data = { index: indexBytes, value: value ?? {}, padding: Buffer.alloc(0), version };
		const plain = wa().SyncActionData.encode(data).finish();
		const iv = randomBytes(IV_LENGTH);
		const secret = Buffer.concat([iv, cbcEncrypt(this.keys.encryption, iv, plain)]);
		return {
			set,
			secret,
			mac: valueMac(this.keys.valueMac, set, this.key.id, secret),
			indexMac: hmacSha256(this.keys.index, indexBytes),
		};
	}

	private decodeMutation({ operation, record }: proto.ISyncdMutation) {
		const set = operation !== wa().SyncdMutation.SyncdOperation.REMOVE;
		const blob = Buffer.from(record?.value?.blob ?? []);
		const [secret, mac] = [blob.subarray(0, -MAC_LENGTH), blob.subarray(-MAC_LENGTH)];
		const keyId = record?.keyId?.id ?? Buffer.alloc(0);
		if (!this.key.id.equals(keyId)) throw new Error(`${this.name}: unknown key`);
		if (!valueMac(this.keys.valueMac, set, keyId, secret).equals(mac)) {
			throw new Error(`${this.name}: the MAC of a value does not fit`);
		}
		const iv = secret.subarray(0, IV_LENGTH);
		const plain = cbcDecrypt(this.keys.encryption, iv, secret.subarray(IV_LENGTH));
		const { index, value, version } = wa().SyncActionData.decode(plain);
		const indexBytes = Buffer.from(index ?? []);
		const indexMac = hmacSha256(this.keys.index, indexBytes);
		if (!indexMac.equals(record?.index?.blob ?? Buffer.alloc(0))) {
			throw new Error(`${this.name}: the MAC of an index does not fit`);
		}
		const mutation: Mutation = {
			index: JSON.parse(indexBytes.toString()) as string[],
			value: value ?? {},
			version: version ?? 0,
		};
		return { set, indexMac, valueMac: mac, mutation };
	}

	private mix(records: Array<{ indexMac: Buffer; valueMac: Buffer; set: boolean }>): State {
		const { hash, macs, version, actions } = this.state;
		const next = new Map(macs);
		const [removed, added]: [Buffer[], Buffer[]] = [[], []];
		for (const { indexMac, valueMac: mac, set } of records) {
			const at = indexMac.toString('base64');
			const before = next.get(at);
			if (before) removed.push(before);
			next.delete(at);
			if (!set) continue;
			next.set(at, mac);
			added.push(mac);
		}
		return {
			version,
			hash: changeHash(hash, removed, added),
			macs: next,
			actions: new Map(actions),
		};
	}
}

const empty = (): State => ({
	version: 0,
	hash: Buffer.alloc(HASH_LENGTH),
	macs: new Map(),
	actions: new Map(),
});
