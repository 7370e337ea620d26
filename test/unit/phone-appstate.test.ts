import { randomBytes } from 'node:crypto';

import type { proto as Protos } from '@whiskeysockets/baileys';

import { Collection, type Mutation, type SyncKey } from '../whatsapp/phone/appState/collection';
import { changeHash, mutationKeys } from '../whatsapp/phone/appState/crypto';
import { loadProto, wa } from '../whatsapp/phone/proto';

const key: SyncKey = { id: randomBytes(6), data: randomBytes(32) };
const chat = '200000000000102@lid';
const archived = (on: boolean): Mutation => ({
	index: ['archive', chat],
	version: 3,
	value: { timestamp: 1, archiveChatAction: { archived: on } },
});

/** What Baileys keeps of a collection. */
async function client() {
	const { decodePatches, encodeSyncdPatch, newLTHashState } =
		await import('@whiskeysockets/baileys');
	const getKey = async () => wa().Message.AppStateSyncKeyData.create({ keyData: key.data });
	let state = newLTHashState();
	return {
		get version() {
			return state.version;
		},
		async encode(mutation: Mutation, remove = false) {
			const { SyncdOperation } = wa().SyncdMutation;
			const { patch, state: next } = await encodeSyncdPatch(
				{
					type: 'regular_low',
					index: mutation.index,
					syncAction: mutation.value ?? {},
					apiVersion: mutation.version,
					operation: remove ? SyncdOperation.REMOVE : SyncdOperation.SET,
				},
				key.id.toString('base64'),
				state,
				getKey,
			);
			state = next;
			return wa().SyncdPatch.encode(patch).finish();
		},
		/** Decodes with all checks on; how many mutations came out. */
		async decode(bytes: Uint8Array, version: number) {
			const patch = wa().SyncdPatch.decode(bytes);
			patch.version = wa().SyncdVersion.create({ version });
			const warnings: unknown[] = [];
			const logger = { warn: (...what: unknown[]) => warnings.push(what), trace() {}, debug() {} };
			const { state: next, mutationMap } = await decodePatches(
				'regular_low',
				[patch],
				state,
				getKey,
				{},
				undefined,
				logger as unknown as Parameters<typeof decodePatches>[6],
				true,
			);
			expect(warnings).toEqual([]);
			state = next;
			return Object.values(mutationMap);
		},
	};
}

beforeAll(async () => {
	await loadProto();
});

it('keys and hash are those of the bridge that Baileys uses', async () => {
	const { expandAppStateKeys, LTHashAntiTampering } = await import('whatsapp-rust-bridge');
	const ours = mutationKeys(key.data);
	const theirs = expandAppStateKeys(key.data);
	expect(ours.index).toEqual(Buffer.from(theirs.indexKey));
	expect(ours.encryption).toEqual(Buffer.from(theirs.valueEncryptionKey));
	expect(ours.valueMac).toEqual(Buffer.from(theirs.valueMacKey));
	expect(ours.snapshotMac).toEqual(Buffer.from(theirs.snapshotMacKey));
	expect(ours.patchMac).toEqual(Buffer.from(theirs.patchMacKey));
	const [a, b, c] = [randomBytes(32), randomBytes(32), randomBytes(32)];
	const start = changeHash(Buffer.alloc(128), [], [a!, b!]);
	const changed = new LTHashAntiTampering().subtractThenAdd(start, [b!], [c!]);
	expect(changeHash(start, [b!], [c!])).toEqual(Buffer.from(changed));
});

it('patches of the phone pass all checks of a client', async () => {
	const phone = new Collection('regular_low', key);
	const baileys = await client();
	const steps: Mutation[][] = [
		[
			archived(true),
			{ index: ['pin_v1', chat], version: 5, value: { pinAction: { pinned: true } } },
		],
		[archived(false)],
		[{ index: ['pin_v1', chat], version: 5 }],
	];
	for (const [n, mutations] of steps.entries()) {
		const patch = phone.encode(mutations);
		phone.apply(patch);
		expect(await baileys.decode(patch, n + 1)).toHaveLength(mutations.length);
	}
	expect(phone.version).toBe(3);
	expect(phone.get(['archive', chat])).toMatchObject({ archiveChatAction: { archived: false } });
	expect(phone.get(['pin_v1', chat])).toBeUndefined();
});

it('patches of a client are taken in, and theirs and ours may follow each other', async () => {
	const phone = new Collection('regular_low', key);
	const baileys = await client();
	const [mutation] = phone.apply(await baileys.encode(archived(true)));
	expect(mutation).toMatchObject({
		index: ['archive', chat],
		value: { archiveChatAction: { archived: true } },
	});
	const own = phone.encode([archived(false)]);
	phone.apply(own);
	await baileys.decode(own, 2);
	phone.apply(await baileys.encode(archived(false), true));
	expect(phone.get(['archive', chat])).toBeUndefined();
});

it('a patch that was changed, comes twice or is of another collection is refused', async () => {
	const phone = new Collection('regular_low', key);
	const baileys = await client();
	const patch = await baileys.encode(archived(true));
	const refusals: Array<[string, (p: Protos.SyncdPatch) => void]> = [
		['MAC of a value', (p) => (p.mutations[0]!.record!.value!.blob![20]! ^= 1)],
		['MAC of an index', (p) => (p.mutations[0]!.record!.index!.blob![0]! ^= 1)],
		['hash of patch 1', (p) => (p.snapshotMac![0]! ^= 1)],
		['MAC of patch 1', (p) => (p.patchMac![0]! ^= 1)],
		['unknown key', (p) => (p.mutations[0]!.record!.keyId!.id![0]! ^= 1)],
	];
	for (const [why, change] of refusals) {
		const changed = wa().SyncdPatch.decode(Buffer.from(patch));
		change(changed);
		expect(() => phone.apply(wa().SyncdPatch.encode(changed).finish())).toThrow(why);
	}
	expect(() => new Collection('regular_high', key).apply(patch)).toThrow('does not fit');
	phone.apply(patch);
	expect(() => phone.apply(patch)).toThrow('does not fit');
});
