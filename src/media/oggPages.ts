/** Writing OGG/Opus (RFC 3533, RFC 7845) and taking its packets out again. */
import { oggChecksum } from '../wa/ogg';

const RATE = 48_000;
const PACKETS_A_PAGE = 50;

/** Makes an OGG/Opus file of packets, piece by piece. */
export class OggOpusWriter {
	private sequence = 0;
	private samples = 0;
	private waiting: Array<{ packet: Uint8Array; samples: number }> = [];

	/** @param preSkip samples at 48 kHz that the encoder puts before the sound */
	constructor(
		private readonly preSkip: number,
		private readonly serial: number,
	) {}

	/** The two header pages. */
	start(): Buffer {
		const head = Buffer.alloc(19);
		head.write('OpusHead', 'latin1');
		head[8] = 1; // version
		head[9] = 1; // mono
		head.writeUInt16LE(this.preSkip, 10);
		head.writeUInt32LE(RATE, 12);
		const vendor = Buffer.from('n8n');
		const tags = Buffer.alloc(16 + vendor.length);
		tags.write('OpusTags', 'latin1');
		tags.writeUInt32LE(vendor.length, 8);
		vendor.copy(tags, 12);
		return Buffer.concat([this.page([head], 0, 2), this.page([tags], 0, 0)]);
	}

	/** @param samples how many the packet holds, at 48 kHz */
	add(packet: Uint8Array, samples: number): Buffer | undefined {
		// The newest stays, so that the last page has something in it.
		const full = this.waiting.length === PACKETS_A_PAGE ? this.flush(0) : undefined;
		this.waiting.push({ packet, samples });
		return full;
	}

	/** @param total samples of sound at 48 kHz; what the last packet has more is cut off by players */
	end(total: number): Buffer {
		return this.flush(4, this.preSkip + total);
	}

	private flush(flags: number, granule?: number): Buffer {
		this.samples += this.waiting.reduce((sum, { samples }) => sum + samples, 0);
		const packets = this.waiting.map(({ packet }) => packet);
		this.waiting = [];
		return this.page(packets, granule ?? this.samples, flags);
	}

	private page(packets: readonly Uint8Array[], granule: number, flags: number): Buffer {
		const table = packets.flatMap(({ length }) => [
			...Array.from({ length: Math.floor(length / 255) }, () => 255),
			length % 255,
		]);
		const header = Buffer.alloc(27);
		header.write('OggS', 'latin1');
		header[5] = flags;
		header.writeBigInt64LE(BigInt(granule), 6);
		header.writeUInt32LE(this.serial, 14);
		header.writeUInt32LE(this.sequence++, 18);
		header[26] = table.length;
		const page = Buffer.concat([header, Buffer.from(table), ...packets]);
		page.writeUInt32LE(oggChecksum(page), 22);
		return page;
	}
}

/** The Opus packets of a file whose pages were checked before (src/wa/ogg), without the headers. */
export async function* opusPackets(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let rest: Buffer = Buffer.alloc(0);
	let begun: Buffer[] = [];
	let headers = 2;
	for await (const chunk of source) {
		rest = Buffer.concat([rest, chunk]);
		for (;;) {
			const segments = rest[26];
			if (segments === undefined || rest.length < 27 + segments) break;
			const table = rest.subarray(27, 27 + segments);
			const size = table.reduce((sum, length) => sum + length, 27 + segments);
			if (rest.length < size) break;
			let at = 27 + segments;
			for (const length of table) {
				begun.push(rest.subarray(at, at + length));
				at += length;
				if (length === 255) continue;
				const packet = Buffer.concat(begun);
				begun = [];
				if (headers > 0) headers--;
				else if (packet.length > 0) yield packet;
			}
			rest = rest.subarray(size);
		}
	}
}
