/** Videos are sent untouched; length and size are read from them, the first picture if ffmpeg is there. */
import { readFile } from 'node:fs/promises';
import { LinkedError } from '../errors';
import type { Sniffed } from '../wa/sniff';
import { ffmpeg, findFfmpeg } from './ffmpeg';
import { thumbnailOf } from './image';
import { readMp4 } from './mp4';
import type { Workspace } from './source';

export interface Video {
	path: string;
	mimetype: string;
	seconds?: number;
	width?: number;
	height?: number;
	thumbnail?: Buffer;
}

/** @throws LinkedError `bad-media` when it has no picture or no index */
export async function shapeVideo(
	path: string,
	found: Sniffed,
	workspace: Workspace,
	signal?: AbortSignal,
): Promise<Video> {
	const index = await readMp4(path);
	if (!index?.hasVideo) {
		throw new LinkedError('bad-media', {
			detail: index ? 'There is no picture in it.' : 'The video is damaged or cut off.',
		});
	}
	const { seconds, width, height } = index;
	const thumbnail = await firstPicture(path, workspace, signal);
	// Phones send what their cameras call QuickTime as MP4 too; the inside is the same.
	const mimetype = found.mimeType === 'video/quicktime' ? 'video/mp4' : found.mimeType;
	return { path, mimetype, seconds, width, height, thumbnail };
}

/** A GIF picture as the video that WhatsApp shows as GIF. @throws LinkedError `not-convertible` */
export async function gifToVideo(
	path: string,
	workspace: Workspace,
	signal?: AbortSignal,
): Promise<string> {
	const command = await findFfmpeg();
	if (!command) {
		throw new LinkedError('not-convertible', {
			detail: 'WhatsApp sends GIFs as MP4 video, and without ffmpeg a GIF cannot become one here.',
		});
	}
	const output = `${await workspace.path()}.mp4`;
	const even = 'scale=trunc(iw/2)*2:trunc(ih/2)*2';
	const how = ['-an', '-vf', even, '-c:v', 'libx264', '-pix_fmt', 'yuv420p'];
	await ffmpeg(command, path, [...how, '-movflags', '+faststart', output], signal);
	return output;
}

async function firstPicture(
	path: string,
	workspace: Workspace,
	signal?: AbortSignal,
): Promise<Buffer | undefined> {
	const command = await findFfmpeg();
	if (!command) return undefined;
	const picture = `${await workspace.path()}.png`;
	try {
		const one = ['-frames:v', '1', '-vf', 'scale=200:-2', '-f', 'image2', picture];
		await ffmpeg(command, path, one, signal);
		return await thumbnailOf(await readFile(picture));
	} catch {
		signal?.throwIfAborted();
		return undefined;
	}
}
