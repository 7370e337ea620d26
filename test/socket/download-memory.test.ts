/** A large file goes through the node's process as a stream, decrypted and checked on its way. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { encrypted } from '../../src/media/encrypt';
import { Product } from '../helpers/product';
import { temporaryFolder } from '../helpers/storage';
import type { Phone } from '../whatsapp';

jest.setTimeout(180_000);

const MEGA = 1024 * 1024;
const SIZE = 200 * MEGA;
let product: Product;

beforeAll(async () => {
	product = await Product.start();
});
afterAll(async () => await product.stop());

test('downloading a file of 200 MB takes less than 80 MB above idle', async () => {
	const { server } = product;
	const me = await server.phone('+1 555 010 0190', { name: 'Me' });
	const anna = await server.phone('+1 555 010 0191', { name: 'Anna' });
	const folder = temporaryFolder('big');
	const child = spawn(
		process.execPath,
		['--expose-gc', '--import', 'tsx', join(__dirname, '../helpers/receivingBigFile.ts')],
		{ env: { ...process.env, ...server.env() }, stdio: ['pipe', 'pipe', 'inherit'] },
	);
	try {
		const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
		const said = async () => {
			const { value } = (await lines.next()) as { value?: string };
			const line = JSON.parse(value ?? '{"error":"It ended"}') as Record<string, unknown>;
			if (line.error) throw new Error(String(line.error));
			return line;
		};
		await me.scan(String((await said()).qr));
		await said();
		const small = await anna.sendMedia(me, 'document', randomBytes(1_000), { fileName: 'a.bin' });
		const path = join(folder.path, 'large.bin');
		await makeFile(path);
		const large = await sendLarge(anna, me, path);
		child.stdin.write(`${JSON.stringify({ small: small.id, large: large.id })}\n`);
		const outcome = (await said()) as { idle: number; most: number; sha256: string; bytes: number };
		expect(outcome).toMatchObject({ sha256: large.sha256, bytes: SIZE });
		expect(outcome.most - outcome.idle).toBeLessThan(80);
	} finally {
		child.kill();
		folder.remove();
	}
});

/** Pieces of which no two are alike. */
async function makeFile(path: string): Promise<void> {
	const part = randomBytes(MEGA);
	const pieces = Readable.from(
		(function* () {
			for (let at = 0; at < SIZE; at += MEGA) {
				part.writeUInt32BE(at);
				yield Buffer.from(part);
			}
		})(),
	);
	await pipeline(pieces, createWriteStream(path));
}

/** As phones send it, but without having it in memory. Returns the message's id and the file's hash. */
async function sendLarge(from: Phone, to: Phone, path: string) {
	const mediaKey = randomBytes(32);
	const plain = createHash('sha256');
	const secret = createHash('sha256');
	async function* content() {
		for await (const chunk of encrypted(path, mediaKey, 'document', plain)) {
			secret.update(chunk);
			yield chunk;
		}
	}
	const directPath = await product.server.media.keep(content());
	const fileSha256 = plain.digest();
	const hashes = { fileSha256, fileEncSha256: secret.digest() };
	const file = { directPath, mediaKey, ...hashes, fileLength: SIZE };
	const documentMessage = { ...file, mimetype: 'application/zip', fileName: 'large.zip' };
	const { id } = await from.sendMessage(to, { documentMessage });
	return { id, sha256: fileSha256.toString('hex') };
}
