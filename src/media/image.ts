/** Pictures: what WhatsApp shows is sent untouched, the rest becomes JPEG; stickers become WebP. */
import { writeFile } from 'node:fs/promises';
import { LinkedError } from '../errors';
import type { Sniffed } from '../wa/sniff';

/** Shown as images by all phones without conversion. */
const AS_IS: ReadonlySet<string> = new Set(['image/jpeg', 'image/png']);
/** The limit of WhatsApp's help for pictures; larger ones are made smaller. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_SIDE = 4096;
const THUMBNAIL = 100;

const STICKER_SIDE = 512;
/** WhatsApp's limits for stickers of third parties. */
const STICKER_BYTES = { still: 100 * 1024, animated: 500 * 1024 };

export interface Picture {
	path: string;
	mimetype: string;
	width: number;
	height: number;
	thumbnail?: Buffer;
	animated?: boolean;
}

type Sharp = typeof import('sharp');

let loading: Promise<Sharp> | undefined;

/** Loaded on first use: it costs 10 MB. */
async function loadSharp(): Promise<Sharp> {
	loading ??= (async () => {
		const loaded = await import('sharp');
		// Pictures are seen once; a cache would only hold memory.
		loaded.default.cache(false);
		return loaded.default;
	})();
	return await loading;
}

/** A small JPEG of a picture, its longer side `side` pixels. @throws when it is no picture */
export async function thumbnailOf(input: Buffer | string, side = THUMBNAIL): Promise<Buffer> {
	const sharp = await loadSharp();
	return await sharp(input, { failOn: 'truncated' })
		.rotate()
		.resize(side, side, { fit: 'inside', withoutEnlargement: true })
		.flatten({ background: '#ffffff' })
		.jpeg({ quality: 50 })
		.toBuffer();
}

/**
 * A picture as it is to be uploaded.
 * @param converted where to write it when it has to be converted
 * @throws LinkedError `bad-media` when it is damaged
 */
export async function shapeImage(
	path: string,
	size: number,
	found: Sniffed,
	converted: string,
): Promise<Picture> {
	const sharp = await loadSharp();
	return await undamaged(async () => {
		const thumbnail = await thumbnailOf(path);
		if (AS_IS.has(found.mimeType) && size <= MAX_BYTES) {
			const { width, height, orientation = 1 } = await sharp(path).metadata();
			const turned = orientation >= 5;
			return {
				path,
				mimetype: found.mimeType,
				width: turned ? height : width,
				height: turned ? width : height,
				thumbnail,
			};
		}
		const { width, height } = await sharp(path, { failOn: 'truncated' })
			.rotate()
			.resize(MAX_SIDE, MAX_SIDE, { fit: 'inside', withoutEnlargement: true })
			.flatten({ background: '#ffffff' })
			.jpeg({ quality: 90 })
			.toFile(converted);
		return { path: converted, mimetype: 'image/jpeg', width, height, thumbnail };
	});
}

/** The middle of a picture as a square JPEG of this side. @throws LinkedError `bad-media` */
export async function squareJpeg(path: string, side: number): Promise<Buffer> {
	const sharp = await loadSharp();
	return await undamaged(
		async () =>
			await sharp(path, { failOn: 'truncated' })
				.rotate()
				.resize(side, side, { fit: 'cover' })
				.flatten({ background: '#ffffff' })
				.jpeg({ quality: 85 })
				.toBuffer(),
	);
}

/** A sticker: 512 x 512 WebP, moving if the picture moves. @throws LinkedError `bad-media` */
export async function shapeSticker(
	path: string,
	size: number,
	found: Sniffed,
	converted: string,
): Promise<Picture> {
	const sharp = await loadSharp();
	return await undamaged(async () => {
		const { width, pageHeight, height, pages = 1 } = await sharp(path, { pages: -1 }).metadata();
		const animated = pages > 1;
		const limit = animated ? STICKER_BYTES.animated : STICKER_BYTES.still;
		const side = { width: STICKER_SIDE, height: STICKER_SIDE };
		const isRight = width === STICKER_SIDE && (pageHeight ?? height) === STICKER_SIDE;
		if (found.mimeType === 'image/webp' && isRight && size <= limit) {
			await sharp(path, { failOn: 'truncated' }).stats();
			return { path, mimetype: 'image/webp', ...side, animated };
		}
		for (const quality of [80, 60, 40, 20, 8]) {
			const webp = await sharp(path, { pages: -1, failOn: 'truncated' })
				.rotate()
				.resize({ ...side, fit: 'contain', background: '#00000000' })
				.webp({ quality, effort: 4, loop: 0 })
				.toBuffer();
			if (webp.length > limit) continue;
			await writeFile(converted, webp);
			return { path: converted, mimetype: 'image/webp', ...side, animated };
		}
		throw new LinkedError('bad-media', {
			detail: `As a sticker it would have more than the ${limit / 1024} KB that WhatsApp allows${animated ? '; use fewer frames' : ''}.`,
		});
	});
}

async function undamaged<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof LinkedError) throw error;
		throw new LinkedError('bad-media', {
			detail: 'The picture is damaged, cut off or of a kind that cannot be read here.',
			cause: error,
		});
	}
}
