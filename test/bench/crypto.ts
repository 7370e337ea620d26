/**
 * Signatures and group messages, ours against bare Baileys, side by side on the same machine. Counted
 * in processor time, because nothing here waits and the machine may be busy with something else.
 * Alone: node --import tsx test/bench/crypto.ts
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import type { Baileys } from '../../src/baileys';
import { installCheckedSignatures } from '../../src/crypto/install';
import { secureBaileys } from '../../src/crypto/secureBaileys';
import { keepSenderKeysLean } from '../../src/crypto/senderKeys';
import { sign, specifiedCommitment, verify } from '../../src/crypto/xeddsa';
import { groupOfTwo, type person } from '../unit/crypto-person';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const ROUND_MS = 300;
const TEXT = Buffer.alloc(120, 'a message of ordinary length ');

export interface Comparison {
	name: string;
	/** Operations in a second of processor time, the median of the rounds. */
	bare: number;
	ours: number;
	/** ours / bare, round by round. */
	ratio: { median: number; min: number; max: number };
}

type Side = 'bare' | 'ours';
type Rounds = Record<Side, number[]>;

function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function compare(name: string, { bare, ours }: Rounds): Comparison {
	const ratios = ours.map((value, round) => value / (bare[round] ?? NaN));
	const ratio = { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
	return { name, bare: median(bare), ours: median(ours), ratio };
}

/** Runs both sides in turn, so that what else the machine does meets both. */
async function rounds(measure: (side: Side) => number | Promise<number>): Promise<Rounds> {
	const result: Rounds = { bare: [], ours: [] };
	for (let round = 0; round < ROUNDS; round++) {
		for (const side of ['bare', 'ours'] as const) result[side].push(await measure(side));
	}
	return result;
}

/** Milliseconds of processor time since `before`. */
function cpu(before?: NodeJS.CpuUsage): number {
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1_000;
}

/** Operations in a second of processor time. */
function speed(operation: () => void): number {
	operation();
	const start = process.cpuUsage();
	let done = 0;
	do {
		operation();
		done++;
	} while (cpu(start) < ROUND_MS);
	return (done * 1_000) / cpu(start);
}

const load = createRequire(__filename);

async function signatures(): Promise<Comparison[]> {
	const slow = createRequire(load.resolve('libsignal'))('curve25519-js') as {
		generateKeyPair(seed: Uint8Array): { public: Uint8Array; private: Uint8Array };
		sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
		verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
	};
	const pair = slow.generateKeyPair(randomBytes(32));
	const signature = sign(pair.private, TEXT);
	const code = { bare: slow, ours: { sign, verify } };
	return [
		compare('sign', await rounds((side) => speed(() => code[side].sign(pair.private, TEXT)))),
		compare(
			'verify',
			await rounds((side) => speed(() => code[side].verify(pair.public, TEXT, signature))),
		),
	];
}

/**
 * Signal's chain of 10 000 pseudorandom signatures (curve25519-java, tests.c, curvesigs_slow_test):
 * what is fast here is also right.
 */
function followSignalsChain(): void {
	const sha512 = (data: Buffer) => createHash('sha512').update(data).digest();
	const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
	const flip = (bytes: Buffer, at: number) => bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
	let signature: Buffer = Buffer.alloc(64);
	const message = Buffer.alloc(200);
	for (let step = 1; step <= 10_000; step++) {
		const key = sha512(signature).subarray(0, 32);
		const random = sha512(key);
		key.writeUInt8(key.readUInt8(0) & 248, 0);
		key.writeUInt8((key.readUInt8(31) & 63) | 64, 31);
		const der = Buffer.concat([pkcs8, key]);
		const publicKey = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
			.export({ format: 'der', type: 'spki' })
			.subarray(12);

		signature = sign(key, message, random, specifiedCommitment);
		const good = verify(publicKey, message, signature);
		const changed = random.readUInt8(63) & 1 ? signature : message;
		flip(changed, step % changed.length);
		if (!good || verify(publicKey, message, signature)) throw new Error(`wrong at ${step}`);
	}
	const published =
		'fcba55c4854a422519ab088dfeb513b60d24bb1627557148dd20b1cd2ad67e35' +
		'ef334c7b6d946f52ec43d7e63524cd5b5ddcb232c62253f33802f82828c56505';
	if (signature.toString('hex') !== published) throw new Error('another chain than Signal’s');
}

/** What a group process is asked to measure. */
interface Task {
	what: 'encrypt' | 'decrypt';
	/** Keys of messages that never came, in the record of the one who writes or reads. */
	missing: number;
}

/** One side in a process of its own: Baileys takes its signature functions over when imported. */
class GroupProcess {
	private readonly child: ChildProcess;

	constructor(side: Side) {
		this.child = fork(__filename, [side], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
	}

	async measure(task: Task): Promise<number> {
		this.child.send(task);
		const [speed] = (await once(this.child, 'message')) as [number];
		return speed;
	}

	async stop(): Promise<void> {
		this.child.disconnect();
		await once(this.child, 'exit');
	}
}

async function groups(): Promise<Comparison[]> {
	const processes = { bare: new GroupProcess('bare'), ours: new GroupProcess('ours') };
	const measure = async (name: string, task: Task) =>
		compare(name, await rounds((side) => processes[side].measure(task)));
	try {
		return [
			await measure('group encrypt', { what: 'encrypt', missing: 0 }),
			await measure('group decrypt', { what: 'decrypt', missing: 0 }),
			// Bare Baileys keeps a key more with every message it sends, up to 2 000; so does who reads it.
			await measure('... after 2 000 messages sent', { what: 'encrypt', missing: 2_000 }),
			await measure('... of a bare Baileys that sent 2 000', { what: 'decrypt', missing: 2_000 }),
		];
	} finally {
		await Promise.all(Object.values(processes).map((it) => it.stop()));
	}
}

/** In the process of one side: answers each task with its speed. */
async function serve(side: Side): Promise<void> {
	if (side === 'ours') installCheckedSignatures();
	const baileys = await import('@whiskeysockets/baileys');
	if (side === 'ours') {
		secureBaileys(baileys);
		keepSenderKeysLean(await import('@whiskeysockets/baileys/lib/Signal/Group/index.js'));
	}
	process.on('message', (task) => {
		void measureGroup(baileys, task as Task).then((speed) => process.send?.(speed));
	});
	process.on('disconnect', () => process.exit());
}

function addMissingKeys({ stored }: ReturnType<typeof person>, count: number): void {
	const records = stored['sender-key'] ?? {};
	for (const [name, record] of Object.entries(records)) {
		const states = JSON.parse(String(record)) as Array<{ senderMessageKeys: unknown[] }>;
		for (const state of states) {
			state.senderMessageKeys = Array.from({ length: count }, (_, index) => {
				return { iteration: 1_000_000 + index, seed: randomBytes(32) };
			});
		}
		records[name] = Buffer.from(JSON.stringify(states));
	}
}

async function measureGroup(baileys: Baileys, { what, missing }: Task): Promise<number> {
	let done = 0;
	let took = 0;
	while (took < ROUND_MS) {
		const { alice, bob, send, read } = await groupOfTwo(baileys, String(Date.now()));
		if (missing > 0) {
			addMissingKeys(what === 'encrypt' ? alice : bob, missing);
			await read(await send('from here on records are as this side writes them'));
		}
		const sent: Uint8Array[] = [];
		const encrypting = process.cpuUsage();
		for (let index = 0; index < 10; index++) sent.push(await send(TEXT.toString()));
		const encryption = cpu(encrypting);
		const decrypting = process.cpuUsage();
		for (const message of sent) await read(message);
		took += what === 'encrypt' ? encryption : cpu(decrypting);
		done += sent.length;
	}
	return (done * 1_000) / took;
}
/** Prints the comparisons and returns them. One to two minutes. */
export async function run(): Promise<Comparison[]> {
	const start = performance.now();
	followSignalsChain();
	const seconds = ((performance.now() - start) / 1_000).toFixed(1);
	console.log(`Signatures: Signal's chain of 10 000 signatures is right, ${seconds} s`);

	const comparisons = [...(await signatures()), ...(await groups())];
	console.log(
		`${ROUNDS} rounds, ${cpus().length} x ${cpus()[0]?.model ?? '?'}, Node ${process.version}`,
	);
	for (const { name, bare, ours, ratio } of comparisons) {
		console.log(
			`${name.padEnd(38)} bare ${bare.toFixed(0).padStart(6)}/s   ours ${ours.toFixed(0).padStart(6)}/s` +
				`   ${ratio.median.toFixed(1)}x (${ratio.min.toFixed(1)} to ${ratio.max.toFixed(1)})`,
		);
	}
	return comparisons;
}

const [side] = process.argv.slice(2);
if (require.main === module) {
	void (side === 'bare' || side === 'ours' ? serve(side) : run());
}
