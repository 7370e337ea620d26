import type { AuthenticationCreds } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import type { Log } from '../log';
import type { KeyStore } from '../storage/roles';
import type { Sealer } from './seal';
import { decodeTree, encodeTree } from './tree';

/** Written in turns, so that the last good credentials outlive whatever happens to the newest. */
const SLOTS = ['creds.0', 'creds.1'] as const;
type Slot = (typeof SLOTS)[number];

const VERSION = 1;
const HEAD_SIZE = 9;

interface Stored {
	slot: Slot;
	/** Grows with each save. */
	seq: number;
	creds: AuthenticationCreds;
}

/** True once a phone has linked these credentials (a code asked for sets `me` before that). */
export const isRegistered = (creds: AuthenticationCreds): boolean =>
	Boolean(creds.me?.id && creds.account);

export const isCredsName = (name: string): boolean => name.startsWith('creds.');

/** The two slots of an account's credentials. */
export class CredsSlots {
	private last?: { slot: Slot; seq: number; body: Buffer; registered: boolean };

	constructor(
		private readonly store: KeyStore,
		private readonly sealer: Sealer,
		private readonly log: Log,
	) {}

	/** True when nothing was ever stored. */
	get empty(): boolean {
		return this.last === undefined;
	}

	/**
	 * The newest credentials that can be read, undefined when there are none at all.
	 * @throws LinkedError `wrong-key` or `damaged-data` rather than look like an unlinked account.
	 */
	async load(): Promise<AuthenticationCreds | undefined> {
		const sealed = await this.store.getMany(SLOTS);
		const good: Stored[] = [];
		const problems: LinkedError[] = [];
		for (const [index, slot] of SLOTS.entries()) {
			const bytes = sealed[index];
			if (!bytes) continue;
			try {
				good.push({ slot, ...decode(this.sealer.open(slot, bytes)) });
			} catch (error) {
				problems.push(LinkedError.from(error));
			}
		}
		const newest = good.sort((a, b) => b.seq - a.seq)[0];
		const problem = problems.find(({ code }) => code === 'wrong-key') ?? problems[0];
		if (problem) {
			// Credentials from before the linking would look as if the number was never linked.
			if (!newest || !isRegistered(newest.creds)) {
				throw newest ? new LinkedError('damaged-data', { detail: WHICH }) : problem;
			}
			this.log.warn('credentials are damaged; the ones saved before or after them are used');
		}
		if (!newest) return undefined;
		const { slot, seq, creds } = newest;
		this.last = { slot, seq, body: encodeTree(creds), registered: isRegistered(creds) };
		return creds;
	}

	/** What to write to save these credentials, undefined when they are stored as they are. */
	encode(
		creds: AuthenticationCreds,
	): { keys: Map<string, Uint8Array>; saved: () => void } | undefined {
		const body = encodeTree(creds);
		const { last } = this;
		if (last?.body.equals(body)) return undefined;
		const registered = isRegistered(creds);
		const slot = last?.slot === SLOTS[0] ? SLOTS[1] : SLOTS[0];
		const seq = (last?.seq ?? 0) + 1;
		// From the linking on no slot may hold unlinked credentials; see load().
		const slots = registered && !last?.registered ? SLOTS : [slot];
		const plain = encode(seq, body);
		return {
			keys: new Map(slots.map((each) => [each, this.sealer.seal(each, plain)])),
			saved: () => {
				this.last = { slot, seq, body, registered };
			},
		};
	}
}

const WHICH =
	'The newest credentials cannot be read, and those before are from before the linking.';

function encode(seq: number, body: Buffer): Buffer {
	const head = Buffer.alloc(HEAD_SIZE);
	head[0] = VERSION;
	head.writeBigUInt64BE(BigInt(seq), 1);
	return Buffer.concat([head, body]);
}

function decode(plain: Uint8Array): { seq: number; creds: AuthenticationCreds } {
	const bytes = Buffer.from(plain);
	if (bytes.length < HEAD_SIZE || bytes[0] !== VERSION) throw new LinkedError('damaged-data');
	const creds = decodeTree(bytes.subarray(HEAD_SIZE));
	if (typeof creds !== 'object' || creds === null || !('noiseKey' in creds)) {
		throw new LinkedError('damaged-data');
	}
	return { seq: Number(bytes.readBigUInt64BE(1)), creds: creds as AuthenticationCreds };
}
