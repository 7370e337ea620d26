/** Finds the text in a zip file as Export Chat makes them, without reading the media in it. */
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { LinkedError } from '../../errors';

const inflate = promisify(inflateRaw);

// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.6 to 4.3.16
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;
/** A list of files longer than this is not of a chat. */
const LONGEST_LIST = 64 * 1024 * 1024;
/** So much text there is in a chat at most; a small file must not unpack into the whole memory. */
export const LONGEST_TEXT = 256 * 1024 * 1024;

interface Found {
	name: string;
	method: number;
	packed: number;
	size: number;
	offset: number;
}

export const isZip = (head: Uint8Array): boolean =>
	head[0] === 0x50 && head[1] === 0x4b && (head[2] ?? 0) <= 8;

const bad = (problem: string) => new LinkedError('bad-media', { detail: problem });

/** The chat's text. @throws LinkedError `bad-media` */
export async function textInZip(file: FileHandle, fileSize: number): Promise<Buffer> {
	const texts = (await list(file, fileSize))
		.filter(({ name }) => /\.txt$/i.test(name) && !name.startsWith('__MACOSX'))
		.sort((a, b) => rank(b) - rank(a));
	const [chat] = texts;
	if (!chat) throw bad('There is no chat in this zip file: it holds no text file.');
	if (chat.size > LONGEST_TEXT) throw bad('The text in this zip file is too large.');
	const head = await read(file, chat.offset, 30);
	if (head.readUInt32LE(0) !== LOCAL) throw bad('The zip file is damaged.');
	const start = chat.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
	const packed = await read(file, start, chat.packed);
	if (chat.method === 0) return packed;
	if (chat.method !== 8) throw bad('The zip file is packed in a way that phones do not use.');
	try {
		return await inflate(packed, { maxOutputLength: LONGEST_TEXT });
	} catch (cause) {
		throw new LinkedError('bad-media', { detail: 'The zip file is damaged.', cause });
	}
}

/** `_chat.txt` of iPhones, `WhatsApp Chat with Anna.txt` of Android; otherwise the longest text. */
const rank = ({ name, size }: Found): number =>
	(/(^|\/)_chat\.txt$/i.test(name) ? 2e12 : /whatsapp/i.test(name) ? 1e12 : 0) + size;

async function list(file: FileHandle, fileSize: number): Promise<Found[]> {
	const tailSize = Math.min(fileSize, END_SIZE + LONGEST_COMMENT + 20);
	const tail = await read(file, fileSize - tailSize, tailSize);
	let at = tail.length - END_SIZE;
	while (at >= 0 && tail.readUInt32LE(at) !== END) at -= 1;
	if (at < 0) throw bad('This is not a whole zip file.');
	let size = tail.readUInt32LE(at + 12);
	let offset = tail.readUInt32LE(at + 16);
	if (offset === 0xffffffff && at >= 20 && tail.readUInt32LE(at - 20) === LOCATOR_64) {
		const end = await read(file, Number(tail.readBigUInt64LE(at - 12)), 56);
		if (end.readUInt32LE(0) !== END_64) throw bad('The zip file is damaged.');
		size = Number(end.readBigUInt64LE(40));
		offset = Number(end.readBigUInt64LE(48));
	}
	if (size > LONGEST_LIST) throw bad('This zip file holds too many files for a chat.');
	const directory = await read(file, offset, size);
	const found: Found[] = [];
	for (let next = 0; next + 46 <= directory.length;) {
		if (directory.readUInt32LE(next) !== ENTRY) throw bad('The zip file is damaged.');
		const nameLength = directory.readUInt16LE(next + 28);
		const extraLength = directory.readUInt16LE(next + 30);
		const entry = {
			name: directory.toString('utf8', next + 46, next + 46 + nameLength),
			method: directory.readUInt16LE(next + 10),
			packed: directory.readUInt32LE(next + 20),
			size: directory.readUInt32LE(next + 24),
			offset: directory.readUInt32LE(next + 42),
		};
		const extraAt = next + 46 + nameLength;
		widen(entry, directory.subarray(extraAt, extraAt + extraLength));
		found.push(entry);
		next = extraAt + extraLength + directory.readUInt16LE(next + 32);
	}
	return found;
}

/** Numbers that do not fit stand in the extra field, in this order. */
function widen(entry: Found, extra: Buffer): void {
	for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
		if (extra.readUInt16LE(at) !== 1) continue;
		let value = at + 4;
		for (const name of ['size', 'packed', 'offset'] as const) {
			if (entry[name] !== 0xffffffff || value + 8 > extra.length) continue;
			entry[name] = Number(extra.readBigUInt64LE(value));
			value += 8;
		}
	}
}

async function read(file: FileHandle, at: number, size: number): Promise<Buffer> {
	const buffer = Buffer.alloc(size);
	const { bytesRead } = await file.read(buffer, 0, size, at);
	if (at < 0 || bytesRead < size) throw bad('The zip file is cut off.');
	return buffer;
}
