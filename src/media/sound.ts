/** Sound: what phones play is sent untouched, the rest becomes OGG/Opus. */
import { createReadStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { LinkedError } from '../errors';
import { fitsAsVoiceNote, inspectOggOpus, type OpusInfo } from '../wa/ogg';
import type { Result } from '../wa/result';
import type { Sniffed } from '../wa/sniff';
import { ffmpeg, findFfmpeg } from './ffmpeg';
import { readMp4 } from './mp4';
import { canDecode, encodeVoice, waveformOfOpus } from './opus';

export const VOICE_TYPE = 'audio/ogg; codecs=opus';

/** What WhatsApp's help says that phones play. */
const PLAYED: ReadonlySet<string> = new Set([
	'audio/mpeg',
	'audio/mp4',
	'audio/aac',
	'audio/amr',
	VOICE_TYPE,
]);

export interface Sound {
	path: string;
	mimetype: string;
	seconds?: number;
	waveform?: Uint8Array;
}

/** Sound as an audio file. @throws LinkedError `bad-media`, `not-convertible` */
export async function shapeAudio(
	path: string,
	found: Sniffed,
	converted: string,
	signal?: AbortSignal,
): Promise<Sound> {
	if (found.group === 'video') {
		// An MP4 with its index at the end looks like a video from its first bytes.
		const index = await readMp4(path);
		if (index?.hasAudio && !index.hasVideo) {
			return { path, mimetype: 'audio/mp4', seconds: index.seconds };
		}
		return await shapeVoice(path, found, converted, signal);
	}
	if (!PLAYED.has(found.mimeType)) return await shapeVoice(path, found, converted, signal);
	return { path, mimetype: found.mimeType, seconds: await duration(path) };
}

/**
 * Sound as a voice note: one Opus stream, mono, in OGG, or it will not play on iPhones.
 * @throws LinkedError `bad-media` when it is no sound, `not-convertible` when this host cannot
 */
export async function shapeVoice(
	path: string,
	found: Sniffed,
	converted: string,
	signal?: AbortSignal,
): Promise<Sound> {
	const given = found.mimeType === VOICE_TYPE ? await check(path) : undefined;
	if (given?.ok) return await described(path, given.value);
	await convert(path, found, converted, signal);
	const made = await check(converted);
	if (!made.ok) throw new LinkedError('bad-media', { detail: made.detail });
	return await described(converted, made.value);
}

async function check(path: string): Promise<Result<OpusInfo>> {
	const read = await inspectOggOpus(createReadStream(path) as AsyncIterable<Buffer>);
	return read.ok ? fitsAsVoiceNote(read.value) : read;
}

async function described(path: string, { seconds }: OpusInfo): Promise<Sound> {
	// Without bars the voice note still plays.
	const waveform = await waveformOfOpus(path).catch(() => undefined);
	return { path, mimetype: VOICE_TYPE, seconds, waveform };
}

async function convert(
	path: string,
	found: Sniffed,
	converted: string,
	signal?: AbortSignal,
): Promise<void> {
	const command = await findFfmpeg();
	if (command) {
		const how = ['-vn', '-sn', '-map_metadata', '-1', '-ac', '1', '-ar', '48000'];
		const codec = ['-c:a', 'libopus', '-application', 'voip', '-b:a', '32k', '-f', 'ogg'];
		await ffmpeg(command, path, [...how, ...codec, converted], signal);
		return;
	}
	if (!canDecode(found)) {
		throw new LinkedError('not-convertible', {
			detail: `It is ${found.mimeType}; without ffmpeg only WAV, MP3 and OGG/Opus become voice notes.`,
		});
	}
	const part = `${converted}.part`;
	try {
		await encodeVoice(path, found, part);
	} catch (error) {
		throw new LinkedError('bad-media', { detail: 'The sound in it is damaged.', cause: error });
	}
	await rename(part, converted);
}

/** Seconds of an audio file, undefined when it does not say. */
async function duration(path: string): Promise<number | undefined> {
	try {
		const { parseFile } = await import('music-metadata');
		const { format } = await parseFile(path, { duration: true, skipCovers: true });
		return format.duration;
	} catch {
		return undefined;
	}
}
