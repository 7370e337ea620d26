/** What Baileys is given in place of its own functions, against those. */
import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { quickEncoder, type Encoding, type Node } from '../../src/crypto/binaryNode';
import { withKeyObjects } from '../../src/crypto/keyObjects';
import { quickTimeout, type BoomClass } from '../../src/crypto/promiseTimeout';

const GENERICS = pathToFileURL(
	require.resolve('@whiskeysockets/baileys/lib/Utils/generics.js'),
).href;

type Baileys = typeof import('@whiskeysockets/baileys');

let baileys: Baileys;
let encode: ReturnType<typeof quickEncoder>;

beforeAll(async () => {
	baileys = await import('@whiskeysockets/baileys');
	const constants = await import('@whiskeysockets/baileys/lib/WABinary/constants.js');
	encode = quickEncoder({
		constants: constants as unknown as Encoding['constants'],
		jidDecode: baileys.jidDecode as Encoding['jidDecode'],
		slow: baileys.encodeBinaryNode as unknown as Encoding['slow'],
	});
});

/** What it gives, or the error it throws. */
function outcome(task: () => unknown): unknown {
	try {
		const given = task();
		return Buffer.isBuffer(given) ? given.toString('latin1') : given;
	} catch (error) {
		const { name, message, code } = error as NodeJS.ErrnoException;
		return { name, message, code };
	}
}

describe('frames', () => {
	const token = fc.constantFrom('message', 'to', 'id', 'type', 'text', 's.whatsapp.net', 'g.us');
	const digits = fc.stringMatching(/^[0-9.-]{0,130}$/);
	const hex = fc.stringMatching(/^[0-9A-F]{0,130}$/);
	const jid = fc.stringMatching(
		/^[0-9]{0,15}(_1)?(:[0-9]{1,3})?@(s\.whatsapp\.net|lid|g\.us|hosted|hosted\.lid|newsletter)$/,
	);
	const names = fc.constantFrom(
		'constructor',
		'__proto__',
		'toString',
		'@',
		'a:b@lid',
		':@',
		'3EB0x',
	);
	const text = fc.oneof(token, digits, hex, jid, names, fc.string(), fc.string({ unit: 'binary' }));
	const odd = fc.constantFrom<unknown>(undefined, null, 5, true, {});
	const bytes = fc.oneof(
		fc.uint8Array({ maxLength: 40 }),
		fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value)),
		fc.constantFrom(255, 256, 1_025).map((size) => Buffer.alloc(size, 7)),
	);
	const attrs = fc.oneof(
		fc.dictionary(fc.oneof(token, fc.string()), fc.oneof({ weight: 8, arbitrary: text }, odd)),
		fc.constant(undefined),
	);
	const { node } = fc.letrec<{ node: Node }>((tie) => ({
		node: fc.record(
			{
				tag: fc.oneof({ weight: 20, arbitrary: text }, fc.constant('')),
				attrs: attrs as fc.Arbitrary<Record<string, unknown>>,
				content: fc.oneof(
					{ maxDepth: 3, depthIdentifier: 'node' },
					{ weight: 4, arbitrary: bytes },
					{ weight: 2, arbitrary: text },
					{ weight: 1, arbitrary: odd },
					{
						weight: 4,
						arbitrary: fc.array(
							fc.oneof({ weight: 12, arbitrary: tie('node') }, bytes, text, odd),
							{ maxLength: 4 },
						),
					},
				),
			},
			{ requiredKeys: ['tag'] },
		) as fc.Arbitrary<Node>,
	}));

	it('are those of Baileys, and so are its complaints', () => {
		fc.assert(
			fc.property(node, (each) => {
				expect(outcome(() => encode(each))).toEqual(
					outcome(() => baileys.encodeBinaryNode(each as never)),
				);
			}),
			{ numRuns: 1_000 },
		);
	});

	it.each([254, 255, 256, 257, 300, 65_536, 1 << 20])('with %i children or bytes', (size) => {
		const one = { tag: 'list', attrs: {}, content: Buffer.alloc(size, 1) };
		expect(encode(one).equals(baileys.encodeBinaryNode(one))).toBe(true);
		if (size > 70_000) return;
		const children = Array.from({ length: size }, () => ({ tag: 'item', attrs: { id: 'A1' } }));
		const many = { tag: 'list', attrs: {}, content: children };
		expect(encode(many).equals(baileys.encodeBinaryNode(many))).toBe(true);
	});

	it('are read by Baileys as they were written', async () => {
		const stanza = {
			tag: 'message',
			attrs: { to: '123456789012345@lid', id: '3EB0ABCDEF0123456789AB', type: 'text' },
			content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: Buffer.from('sealed') }],
		};
		expect(await baileys.decodeBinaryNode(encode(stanza))).toEqual(stanza);
	});

	it('are left to Baileys when the caller brings a buffer', () => {
		const stanza = { tag: 'ack', attrs: { id: '1' } };
		expect(encode(stanza, undefined, [0, 1, 2])).toEqual(
			baileys.encodeBinaryNode(stanza, undefined, [0, 1, 2]),
		);
	});
});

describe('ciphers and HMACs', () => {
	const key = fc.oneof(
		fc.uint8Array({ minLength: 32, maxLength: 32 }).map((value) => Buffer.from(value)),
		fc.uint8Array({ minLength: 32, maxLength: 32 }),
		fc.uint8Array({ maxLength: 70 }),
		fc.string(),
		fc.constantFrom<unknown>(undefined, null, 5, {}),
	);
	const data = fc.uint8Array({ maxLength: 200 });
	const ours = {
		createHmac: withKeyObjects(crypto.createHmac),
		createCipheriv: withKeyObjects(crypto.createCipheriv),
		createDecipheriv: withKeyObjects(crypto.createDecipheriv),
	};

	it('give what Node gives, and refuse what it refuses', () => {
		fc.assert(
			fc.property(
				key,
				data,
				fc.uint8Array({ minLength: 16, maxLength: 16 }),
				(secret, text, iv) => {
					const hmac = ({ createHmac }: typeof ours) =>
						outcome(() =>
							createHmac('sha256', secret as string)
								.update(text)
								.digest('hex'),
						);
					expect(hmac(ours)).toEqual(hmac(crypto));
					for (const name of ['aes-256-cbc', 'aes-256-ctr']) {
						const sealed = ({ createCipheriv }: typeof ours) =>
							outcome(() => {
								const cipher = createCipheriv(name, secret as string, iv);
								return Buffer.concat([cipher.update(text), cipher.final()]).toString('hex');
							});
						expect(sealed(ours)).toEqual(sealed(crypto));
						const opened = ({ createDecipheriv }: typeof ours) =>
							outcome(() => {
								const cipher = createDecipheriv(name, secret as string, iv);
								return Buffer.concat([cipher.update(text), cipher.final()]).toString('hex');
							});
						expect(opened(ours)).toEqual(opened(crypto));
					}
				},
			),
		);
	});
});

describe('a promise with a time limit', () => {
	let both: Array<Baileys['promiseTimeout']>;

	beforeAll(async () => {
		const { Boom } = await import('@hapi/boom');
		both = [
			quickTimeout(Boom as unknown as BoomClass, GENERICS),
			baileys.promiseTimeout,
		] as typeof both;
	});

	it.each(['ours', 'of Baileys'])('is kept, broken and overdue alike: %s', async (whose) => {
		const timeout = both[whose === 'ours' ? 0 : 1] as Baileys['promiseTimeout'];
		const error = new Error('broken');
		await expect(timeout(60_000, (resolve) => resolve('kept'))).resolves.toBe('kept');
		await expect(timeout(undefined, (resolve) => resolve('kept'))).resolves.toBe('kept');
		await expect(timeout(60_000, (_resolve, reject) => reject(error))).rejects.toBe(error);
		await expect(
			timeout(60_000, () => {
				throw error;
			}),
		).rejects.toBe(error);
		await expect(timeout(1, () => {})).rejects.toMatchObject({
			isBoom: true,
			message: 'Timed Out',
			output: { statusCode: 408 },
			data: { stack: expect.stringContaining('Error') as string },
		});
		// Nobody waits for some of Baileys' queries; see session/guard.ts.
		const overdue = await timeout(1, () => {}).catch((late: Error) => late);
		expect((overdue as Error).stack).toMatch(/@whiskeysockets[\\/]baileys/);
	});
});

describe('in a process of its own', () => {
	/** What Baileys works with, as a child process finds it. */
	function found(env: Record<string, string> = {}, before = ''): Record<string, boolean> {
		const script = `
			const node = require('node:crypto');
			const mine = node.createHmac;
			void (async () => {
				${before}
				const { loadBaileys } = require(${JSON.stringify(join(__dirname, '../../src/baileys.ts'))});
				const baileys = await loadBaileys();
				const own = (text) =>
					/delayCancellable|encodeBinaryNodeInner|decodeDecompressedBinaryNode|sepIdx/.test(text);
				const lib = '@whiskeysockets/baileys/lib/';
				const { AbstractSocketClient } = await import(lib + 'Socket/Client/index.js');
				const { MessageRetryManager } = await import(lib + 'Utils/message-retry-manager.js');
				const { createHmac } = await import('crypto');
				console.log(JSON.stringify({
					timeout: !own(String(baileys.promiseTimeout)),
					encoder: !own(String(baileys.encodeBinaryNode)),
					decoder: !own(String(baileys.decodeBinaryNode)),
					jids: !own(String(baileys.jidDecode)),
					emitter: Object.getPrototypeOf(AbstractSocketClient) !== require('node:events'),
					cache: !new MessageRetryManager({}, 5).recentMessagesMap.ttlAutopurge,
					hmac: baileys.hmacSign(Buffer.from('a'), Buffer.alloc(32)).toString('hex') ===
						node.createHmac('sha256', Buffer.alloc(32)).update('a').digest('hex'),
					others: createHmac === mine && node.createHmac === mine,
				}));
			})();`;
		const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
			encoding: 'utf8',
			cwd: join(__dirname, '../..'),
			env: { ...process.env, NODE_OPTIONS: '', ...env },
		});
		const [line = stderr] = stdout.trim().split('\n').slice(-1);
		return JSON.parse(line) as Record<string, boolean>;
	}

	const parts = (quick: boolean) => ({
		...{
			timeout: quick,
			encoder: quick,
			decoder: quick,
			jids: quick,
			emitter: quick,
			cache: quick,
		},
		hmac: true,
		others: true,
	});

	it('Baileys is given them, and nobody else', () => {
		expect(found()).toEqual(parts(true));
	});

	it('they can be switched off', () => {
		expect(found({ WHATSAPP_LINKED_PLAIN_BAILEYS: '1' })).toEqual(parts(false));
	});

	it('a Baileys that is there already stays as it is', () => {
		const plain = found({}, "await import('@whiskeysockets/baileys');");
		expect(plain).toEqual(parts(false));
	});
});
