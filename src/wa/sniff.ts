/**
 * What a file is, told from its first bytes: names and declared types lie, and what WhatsApp cannot
 * show must be known before it is uploaded. A table of our own, because it must be synchronous, must
 * know the animated ones, and needs only what people send.
 */
import { sniffBox } from './sniff-mp4';
import { sniffZip } from './sniff-zip';

export type SniffGroup = 'image' | 'video' | 'audio' | 'document' | 'archive' | 'web' | 'program';

export interface Sniffed {
	mimeType: string;
	/** Without a dot. */
	extension: string;
	group: SniffGroup;
	/** For images that can move: whether this one does. */
	animated?: boolean;
}

/** How many bytes `sniff` wants to see; fewer will do for most kinds. */
export const SNIFF_BYTES = 4100;

const made = (
	group: SniffGroup,
	mimeType: string,
	extension: string,
	animated?: boolean,
): Sniffed => ({ mimeType, extension, group, ...(animated === undefined ? {} : { animated }) });

type Rule = readonly [at: number, magic: string, made: Sniffed];

/** Magic numbers, as Latin-1 text at an offset. */
const RULES: readonly Rule[] = [
	[0, '\xff\xd8\xff', made('image', 'image/jpeg', 'jpg')],
	[0, 'II*\0', made('image', 'image/tiff', 'tif')],
	[0, 'MM\0*', made('image', 'image/tiff', 'tif')],
	[0, '\0\0\x01\0', made('image', 'image/x-icon', 'ico')],
	[0, '8BPS\0\x01', made('image', 'image/vnd.adobe.photoshop', 'psd')],
	[0, '\xff\x0a', made('image', 'image/jxl', 'jxl')],
	[0, '\0\0\0\x0cJXL \x0d\x0a\x87\x0a', made('image', 'image/jxl', 'jxl')],
	[0, '#!AMR-WB\n', made('audio', 'audio/amr-wb', 'awb')],
	[0, '#!AMR\n', made('audio', 'audio/amr', 'amr')],
	[0, 'fLaC', made('audio', 'audio/flac', 'flac')],
	[0, 'MThd\0\0\0\x06', made('audio', 'audio/midi', 'mid')],
	[0, 'caff\0\x01', made('audio', 'audio/x-caf', 'caf')],
	[0, 'FLV\x01', made('video', 'video/x-flv', 'flv')],
	[0, '\0\0\x01\xba', made('video', 'video/mpeg', 'mpg')],
	[0, '\0\0\x01\xb3', made('video', 'video/mpeg', 'mpg')],
	[0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11', made('video', 'video/x-ms-wmv', 'wmv')],
	[0, '{\\rtf', made('document', 'application/rtf', 'rtf')],
	[0, '%!PS', made('document', 'application/postscript', 'ps')],
	// Word, Excel and PowerPoint before 2007 share this container.
	[0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', made('document', 'application/x-cfb', 'cfb')],
	[0, 'SQLite format 3\0', made('document', 'application/vnd.sqlite3', 'sqlite')],
	[0, 'Rar!\x1a\x07', made('archive', 'application/vnd.rar', 'rar')],
	[0, '7z\xbc\xaf\x27\x1c', made('archive', 'application/x-7z-compressed', '7z')],
	[0, '\x1f\x8b', made('archive', 'application/gzip', 'gz')],
	[4, '1AY&SY', made('archive', 'application/x-bzip2', 'bz2')],
	[0, '\xfd7zXZ\0', made('archive', 'application/x-xz', 'xz')],
	[0, '\x28\xb5\x2f\xfd', made('archive', 'application/zstd', 'zst')],
	[257, 'ustar', made('archive', 'application/x-tar', 'tar')],
	[0, '\x7fELF', made('program', 'application/x-elf', 'elf')],
];

/** What the bytes are, or null when they are nothing that is known here (plain text, for example). */
export function sniff(head: Uint8Array): Sniffed | null {
	const bytes = head.subarray(0, SNIFF_BYTES);
	const text = latin1(bytes);
	return (
		sniffPng(text) ??
		sniffGif(text) ??
		sniffRiff(text) ??
		sniffBox(bytes, text) ??
		sniffMatroska(text) ??
		sniffOgg(bytes, text) ??
		sniffMpegAudio(bytes, text) ??
		sniffZip(text) ??
		sniffPdf(text) ??
		sniffShort(text) ??
		RULES.find(([at, magic]) => text.startsWith(magic, at))?.[2] ??
		sniffTransportStream(bytes) ??
		sniffMarkup(text)
	);
}

/** Bytes as a text of one character a byte, so that they can be searched. */
export function latin1(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function sniffPng(text: string): Sniffed | null {
	if (!text.startsWith('\x89PNG\r\n\x1a\n')) return null;
	const control = text.indexOf('acTL');
	const data = text.indexOf('IDAT');
	const animated = control >= 0 && (data < 0 || control < data);
	return animated ? made('image', 'image/apng', 'png', true) : made('image', 'image/png', 'png');
}

function sniffGif(text: string): Sniffed | null {
	if (!/^GIF8[79]a/.test(text)) return null;
	// The looping extension, or a second frame with its own timing.
	const frames = text.split('\x21\xf9\x04').length - 1;
	return made('image', 'image/gif', 'gif', text.includes('NETSCAPE2.0') || frames > 1);
}

function sniffRiff(text: string): Sniffed | null {
	if (text.startsWith('FORM') && /^AIF[FC]/.test(text.slice(8))) {
		return made('audio', 'audio/aiff', 'aiff');
	}
	if (!/^(?:RIFF|RF64)/.test(text)) return null;
	switch (text.slice(8, 12)) {
		case 'WEBP': {
			// Bit 1 of the flags of the extended header says "animation".
			const extended = text.startsWith('VP8X', 12);
			return made('image', 'image/webp', 'webp', extended && (text.charCodeAt(20) & 0b10) !== 0);
		}
		case 'WAVE':
			return made('audio', 'audio/wav', 'wav');
		case 'AVI ':
			return made('video', 'video/x-msvideo', 'avi');
		default:
			return null;
	}
}

function sniffMatroska(text: string): Sniffed | null {
	if (!text.startsWith('\x1a\x45\xdf\xa3')) return null;
	if (!text.slice(0, 80).includes('webm')) return made('video', 'video/x-matroska', 'mkv');
	// Codec ids: A_OPUS, A_VORBIS against V_VP8, V_VP9, V_AV1.
	return /A_(?:OPUS|VORBIS)/.test(text) && !/V_(?:VP|AV)/.test(text)
		? made('audio', 'audio/webm', 'weba')
		: made('video', 'video/webm', 'webm');
}

function sniffOgg(bytes: Uint8Array, text: string): Sniffed | null {
	if (!text.startsWith('OggS')) return null;
	const body = text.slice(27 + (bytes[26] ?? 0));
	if (body.startsWith('OpusHead')) return made('audio', 'audio/ogg; codecs=opus', 'ogg');
	if (body.startsWith('\x01vorbis')) return made('audio', 'audio/ogg; codecs=vorbis', 'ogg');
	if (body.startsWith('\x7fFLAC')) return made('audio', 'audio/ogg; codecs=flac', 'ogg');
	if (body.startsWith('Speex   ')) return made('audio', 'audio/ogg; codecs=speex', 'ogg');
	if (body.startsWith('\x80theora')) return made('video', 'video/ogg', 'ogv');
	return made('audio', 'audio/ogg', 'ogg');
}

function sniffMpegAudio(bytes: Uint8Array, text: string): Sniffed | null {
	const mp3 = made('audio', 'audio/mpeg', 'mp3');
	// The tag's version follows; texts about ID3 have a letter there.
	if (text.startsWith('ID3') && (bytes[3] ?? 0) < 8) return mp3;
	const length = mpegFrame(bytes, 0);
	if (length !== null) {
		// Two bytes are little evidence: where the next frame is in sight it must be one.
		return length + 4 > bytes.length || mpegFrame(bytes, length) !== null ? mp3 : null;
	}
	const [first = 0, second = 0, third = 0] = bytes;
	const adts = first === 0xff && (second & 0xf6) === 0xf0 && ((third >> 2) & 0xf) < 13;
	return adts ? made('audio', 'audio/aac', 'aac') : null;
}

const BITRATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const BITRATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44_100, 48_000, 32_000];

/** The length of the MPEG layer III frame at an offset; null when there is none. */
function mpegFrame(bytes: Uint8Array, at: number): number | null {
	const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
	const version = (second >> 3) & 3;
	const layer = (second >> 1) & 3;
	if (first !== 0xff || (second & 0xe0) !== 0xe0 || version === 1 || layer !== 1) return null;
	const rate = SAMPLE_RATES[(third >> 2) & 3];
	const kilobits = (version === 3 ? BITRATES_1 : BITRATES_2)[third >> 4];
	if (rate === undefined || !kilobits) return null;
	const divisor = version === 3 ? 1 : version === 2 ? 2 : 4;
	const samples = version === 3 ? 144 : 72;
	return Math.floor((samples * kilobits * 1000) / (rate / divisor)) + ((third >> 1) & 1);
}

function sniffPdf(text: string): Sniffed | null {
	// Readers look for it in the first 1024 bytes.
	return text.slice(0, 1024).includes('%PDF-') ? made('document', 'application/pdf', 'pdf') : null;
}

/** Two letters are a word in a text as well: what follows must fit. */
function sniffShort(text: string): Sniffed | null {
	if (text.startsWith('BM') && text.startsWith('\0\0\0\0', 6)) {
		return made('image', 'image/bmp', 'bmp');
	}
	return text.startsWith('MZ') && text.includes('\0\0')
		? made('program', 'application/vnd.microsoft.portable-executable', 'exe')
		: null;
}

/** MPEG transport stream: packets of 188 bytes, each begun by 0x47. */
function sniffTransportStream(bytes: Uint8Array): Sniffed | null {
	return bytes.length > 376 && [0, 188, 376].every((at) => bytes[at] === 0x47)
		? made('video', 'video/mp2t', 'ts')
		: null;
}

function sniffMarkup(text: string): Sniffed | null {
	const start = text
		.replace(/^\xef\xbb\xbf/, '')
		.trimStart()
		.slice(0, 512)
		.toLowerCase();
	if (/^(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*)*(?:<!doctype svg[^>]*>\s*)?<svg[\s>]/.test(start)) {
		return made('image', 'image/svg+xml', 'svg');
	}
	if (/^(?:<!--[^]*?-->\s*)*<(?:!doctype html|html|head|body)[\s>]/.test(start)) {
		return made('web', 'text/html', 'html');
	}
	return start.startsWith('<?xml') ? made('web', 'application/xml', 'xml') : null;
}
