/** Duration and picture size of an MP4 or QuickTime file, read from its index (ISO 14496-12). */
import { open, type FileHandle } from 'node:fs/promises';

export interface Mp4Info {
	seconds?: number;
	/** As shown, after rotation. */
	width?: number;
	height?: number;
	hasVideo: boolean;
	hasAudio: boolean;
}

/** An index is 1 to 2 % of a video. */
const MAX_INDEX = 64 * 1024 * 1024;

/** Undefined when there is no index in it, so that it surely does not play. */
export async function readMp4(path: string): Promise<Mp4Info | undefined> {
	const file = await open(path, 'r');
	try {
		const index = await findIndex(file, (await file.stat()).size);
		return index && readIndex(index);
	} finally {
		await file.close();
	}
}

async function findIndex(file: FileHandle, size: number): Promise<Buffer | undefined> {
	const head = Buffer.alloc(16);
	let at = 0;
	while (at + 8 <= size) {
		const { bytesRead } = await file.read(head, 0, 16, at);
		if (bytesRead < 8) return undefined;
		let length = head.readUInt32BE(0);
		let header = 8;
		if (length === 1 && bytesRead === 16) {
			length = Number(head.readBigUInt64BE(8));
			header = 16;
		} else if (length === 0) {
			length = size - at;
		}
		if (length < header) return undefined;
		if (head.toString('latin1', 4, 8) === 'moov') {
			if (length > MAX_INDEX || at + length > size) return undefined;
			const body = Buffer.alloc(length - header);
			await file.read(body, 0, body.length, at + header);
			return body;
		}
		at += length;
	}
	return undefined;
}

/** The boxes directly inside. */
function* boxes(body: Buffer): Generator<{ type: string; body: Buffer }> {
	let at = 0;
	while (at + 8 <= body.length) {
		const length = body.readUInt32BE(at) || body.length - at;
		if (length < 8 || at + length > body.length) return;
		yield {
			type: body.toString('latin1', at + 4, at + 8),
			body: body.subarray(at + 8, at + length),
		};
		at += length;
	}
}

const inside = (body: Buffer, ...path: string[]): Buffer | undefined => {
	let now: Buffer | undefined = body;
	for (const type of path) {
		now = now && [...boxes(now)].find((box) => box.type === type)?.body;
	}
	return now;
};

function readIndex(index: Buffer): Mp4Info {
	const info: Mp4Info = { hasVideo: false, hasAudio: false, seconds: readDuration(index) };
	for (const { type, body } of boxes(index)) {
		if (type !== 'trak') continue;
		const handler = inside(body, 'mdia', 'hdlr')?.toString('latin1', 8, 12);
		if (handler === 'soun') info.hasAudio = true;
		if (handler !== 'vide') continue;
		info.hasVideo = true;
		Object.assign(info, readSize(inside(body, 'tkhd')));
	}
	return info;
}

function readDuration(index: Buffer): number | undefined {
	const header = inside(index, 'mvhd');
	if (!header || header.length < 32) return undefined;
	const long = header[0] === 1;
	const scale = header.readUInt32BE(long ? 20 : 12);
	const duration = long ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16);
	// All ones means that the writer did not know it.
	return scale > 0 && duration < 0xffff_ffff ? duration / scale : undefined;
}

function readSize(header: Buffer | undefined): { width?: number; height?: number } {
	if (!header) return {};
	const at = header[0] === 1 ? 88 : 76;
	if (header.length < at + 8) return {};
	// 16.16 fixed point; the matrix before it turns the picture.
	const [width, height] = [header.readUInt16BE(at), header.readUInt16BE(at + 4)];
	const turned = header.readInt32BE(at - 36) === 0 && header.readInt32BE(at - 32) !== 0;
	return turned ? { width: height, height: width } : { width, height };
}
