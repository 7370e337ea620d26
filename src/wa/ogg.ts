/**
 * Looks into OGG/Opus without decoding it (RFC 3533 for pages, RFC 7845 for Opus in them, RFC 6716
 * for the first byte of a packet). Page by page, so that a file of any size costs 64 KB.
 */
import { fail, ok, type Result } from './result';

export interface OpusInfo {
	/** Channels by the header: 1 is mono. */
	channels: number;
	/** What was recorded with, Hz; only information, Opus itself always plays at 48 kHz. */
	inputSampleRate: number;
	/** 0 for mono and stereo; others need decoders that phones may lack. */
	mappingFamily: number;
	/** Duration by the pages' own count. */
	seconds: number;
	packets: number;
	/** Packets that carry stereo, which a mono header may hide. */
	stereoPackets: number;
	/** Milliseconds of sound in the first packet. */
	packetMs: number;
	/** How the first packet is coded. */
	mode: 'silk' | 'hybrid' | 'celt' | null;
	/** Independent streams side by side or one after the other; 1 in every normal file. */
	streams: number;
	/** The last page is marked as the last. */
	complete: boolean;
}

const HEADER = 27;
const RATE = 48_000;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_none, index) => {
	let value = index << 24;
	for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
	return value >>> 0;
});

/** The checksum of an Ogg page whose checksum field is zero. */
export function oggChecksum(page: Uint8Array): number {
	let crc = 0;
	for (const byte of page) crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0);
	return crc >>> 0;
}

/** Takes a file in pieces; `finish` says what it is. */
export class OggOpusReader {
	private rest: Buffer = Buffer.alloc(0);
	private offset = 0;
	private problem: string | null = null;
	private head: { channels: number; rate: number; preSkip: number; family: number } | null = null;
	private serial: number | null = null;
	private streams = 0;
	/** The packet being collected: its first bytes and how long it is. */
	private packet: { start: Buffer; length: number } | null = null;
	private headers = 0;
	private packets = 0;
	private stereoPackets = 0;
	private first: Pick<OpusInfo, 'packetMs' | 'mode'> | null = null;
	private samples = 0;
	private origin: number | null = null;
	private end = 0;
	private complete = false;

	push(chunk: Uint8Array): void {
		if (this.problem !== null) return;
		this.rest = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : Buffer.from(chunk);
		let at = 0;
		for (;;) {
			const size = this.pageSize(at);
			if (size === null) break;
			this.page(this.rest.subarray(at, at + size));
			if (this.problem !== null) return;
			at += size;
			this.offset += size;
		}
		this.rest = this.rest.subarray(at);
	}

	finish(): Result<OpusInfo> {
		if (this.problem === null && this.rest.length > 0) this.bad('it is cut off');
		if (this.problem === null && this.head === null) this.bad('it is empty');
		if (this.problem !== null || this.head === null) {
			return fail('bad-media', `The OGG file cannot be used: ${this.problem}.`);
		}
		const counted = this.end - (this.origin ?? 0) - this.head.preSkip;
		return ok({
			channels: this.head.channels,
			inputSampleRate: this.head.rate,
			mappingFamily: this.head.family,
			seconds: Math.max(0, counted) / RATE,
			packets: this.packets,
			stereoPackets: this.stereoPackets,
			packetMs: this.first?.packetMs ?? 0,
			mode: this.first?.mode ?? null,
			streams: this.streams,
			complete: this.complete,
		});
	}

	private bad(problem: string): void {
		this.problem ??= problem;
	}

	/** The size of the page at an offset of the rest, or null when it is not all there yet. */
	private pageSize(at: number): number | null {
		const { rest } = this;
		if (rest.length < at + 4) return null;
		if (rest.toString('latin1', at, at + 4) !== 'OggS') {
			this.bad(this.offset === 0 ? 'it is no OGG' : `it is damaged at byte ${this.offset}`);
			return null;
		}
		if (rest.length < at + HEADER) return null;
		const segments = rest[at + 26] ?? 0;
		if (rest.length < at + HEADER + segments) return null;
		const table = rest.subarray(at + HEADER, at + HEADER + segments);
		const size = HEADER + segments + table.reduce((sum, length) => sum + length, 0);
		return rest.length < at + size ? null : size;
	}

	private page(page: Buffer): void {
		const zeroed = Buffer.from(page);
		zeroed.writeUInt32LE(0, 22);
		if (page[4] !== 0 || oggChecksum(zeroed) !== page.readUInt32LE(22)) {
			return this.bad(`it is damaged at byte ${this.offset}`);
		}
		const flags = page[5] ?? 0;
		const serial = page.readUInt32LE(14);
		if (flags & 2) this.streams++;
		this.serial ??= serial;
		if (serial !== this.serial) return;
		const before = this.samples;
		const segments = page[26] ?? 0;
		let at = HEADER + segments;
		for (const length of page.subarray(HEADER, HEADER + segments)) {
			this.segment(page.subarray(at, at + length), length < 255);
			at += length;
		}
		const granule = page.readBigInt64LE(6);
		const sound = this.samples - before;
		if (sound > 0 && granule >= 0n) {
			// A stream cut out of a longer one does not begin at zero.
			this.origin ??= flags & 4 ? 0 : Math.max(0, Number(granule) - sound);
			this.end = Number(granule);
		}
		this.complete = (flags & 4) !== 0;
	}

	private segment(bytes: Buffer, last: boolean): void {
		this.packet ??= { start: Buffer.alloc(0), length: 0 };
		if (this.packet.start.length < 32) {
			this.packet.start = Buffer.concat([this.packet.start, bytes.subarray(0, 32)]);
		}
		this.packet.length += bytes.length;
		if (!last) return;
		const { start, length } = this.packet;
		this.packet = null;
		if (this.headers < 2) this.header(start);
		else if (length > 0) this.sound(start);
	}

	private header(start: Buffer): void {
		this.headers++;
		if (this.headers === 2) return; // OpusTags
		if (start.toString('latin1', 0, 8) !== 'OpusHead' || start.length < 19) {
			return this.bad('the sound in it is not Opus');
		}
		this.head = {
			channels: start[9] ?? 0,
			preSkip: start.readUInt16LE(10),
			rate: start.readUInt32LE(12),
			family: start[18] ?? 0,
		};
	}

	private sound(start: Buffer): void {
		const toc = start[0] ?? 0;
		const config = toc >> 3;
		const mode = config < 12 ? 'silk' : config < 16 ? 'hybrid' : 'celt';
		const frameMs =
			mode === 'silk'
				? ([10, 20, 40, 60][config & 3] ?? 0)
				: mode === 'hybrid'
					? ([10, 20][config & 1] ?? 0)
					: ([2.5, 5, 10, 20][config & 3] ?? 0);
		const frames = [1, 2, 2][toc & 3] ?? (start[1] ?? 0) & 63;
		this.packets++;
		if (toc & 4) this.stereoPackets++;
		this.samples += (frames * frameMs * RATE) / 1000;
		this.first ??= { packetMs: frames * frameMs, mode };
	}
}

/** Inspects a whole file or stream. */
export async function inspectOggOpus(
	source: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Result<OpusInfo>> {
	const reader = new OggOpusReader();
	if (source instanceof Uint8Array) reader.push(source);
	else for await (const chunk of source) reader.push(chunk);
	return reader.finish();
}

/**
 * Whether it plays as a voice note on every phone, iPhones too: one Opus stream, mono, with sound in
 * it. That iPhones refuse stereo is known from reports, not from WhatsApp.
 */
export function fitsAsVoiceNote(info: OpusInfo): Result<OpusInfo> {
	const problems = [
		info.packets === 0 && 'it has no sound in it',
		info.streams > 1 && 'it has more than one stream',
		(info.channels !== 1 || info.stereoPackets > 0) && 'it is not mono',
		info.mappingFamily !== 0 && 'it uses a channel mapping that phones may not know',
	].filter((problem) => problem !== false);
	return problems.length === 0
		? ok(info)
		: fail('bad-media', `It will not play as a voice note: ${problems.join(', ')}.`);
}
