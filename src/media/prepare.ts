/** From a file to what a message says of it: look, shape, encrypt, upload. Runs where the node runs. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { LinkedError } from '../errors';
import type { NodeSide } from '../operations/types';
import { proxyAgent } from '../session/proxy';
import { fitsAs, type SendAs } from '../wa/media-fit';
import { sniff } from '../wa/sniff';
import { encrypted, measure, type MediaType } from './encrypt';
import { shapeImage, shapeSticker } from './image';
import { shapeAudio, shapeVoice } from './sound';
import { checkAddress, openSource, Workspace, type LocalFile, type MediaSource } from './source';
import { upload, type ChannelMedia, type MediaConnection, type UploadOptions } from './upload';
import { gifToVideo, shapeVideo } from './video';

/** As what a file is sent; `visual` is an image or a video, whichever it is. */
export type MediaKind = SendAs | 'file' | 'visual';

/** An uploaded file, as plain JSON; bytes are base64. */
export type MediaRef = {
	kind: Exclude<MediaKind, 'visual'>;
	/** Not for files of channels, which are not encrypted: these have a handle. */
	url?: string;
	directPath: string;
	mediaKey?: string;
	fileSha256: string;
	fileEncSha256?: string;
	handle?: string;
	fileLength: number;
	mimetype: string;
	fileName?: string;
	seconds?: number;
	width?: number;
	height?: number;
	/** JPEG. */
	thumbnail?: string;
	waveform?: string;
	animated?: boolean;
};

const MEGA = 1024 * 1024;
/** WhatsApp's help: files up to 2 GB. Pictures are converted in memory, so they are bounded. */
const LIMITS = { picture: 100 * MEGA, other: 2 * 1024 * MEGA };

const TYPES: Readonly<Record<MediaRef['kind'], MediaType>> = {
	image: 'image',
	video: 'video',
	gif: 'video',
	ptv: 'video',
	audio: 'audio',
	voice: 'audio',
	file: 'document',
	sticker: 'sticker',
};

export interface MediaRequest {
	source: MediaSource;
	kind: MediaKind;
	/** Overrides the name of the file; for files. */
	fileName?: string;
	/** For a channel: not encrypted. */
	plain?: boolean;
}

/** @throws LinkedError that says what is wrong with the file, or why it could not be uploaded */
export async function prepareMedia(node: NodeSide, request: MediaRequest): Promise<MediaRef> {
	const { source, kind } = request;
	if (node.dryRun && source.from === 'url') return unseen(source.url, kind);
	const workspace = new Workspace();
	try {
		const isPicture = request.kind === 'image' || request.kind === 'sticker';
		const file = await openSource(node.context, node.item, request.source, workspace, {
			maxBytes: isPicture ? LIMITS.picture : LIMITS.other,
			signal: node.signal,
		});
		const shaped = await shape(file, request, workspace, node.signal);
		if (node.dryRun) return await unsent(shaped);
		return request.plain ? await sendPlain(node, shaped) : await send(node, shaped);
	} finally {
		await workspace.remove();
	}
}

/** For a dry run: a file that is looked at and goes nowhere. */
async function unsent({ path, about }: Shaped): Promise<MediaRef> {
	const { fileSha256, fileLength } = await plainOf(path);
	return { ...about, directPath: '', fileSha256: fileSha256.toString('base64'), fileLength };
}

/** For a dry run: a file on the web, which is not even fetched. */
function unseen(url: string, kind: MediaKind): MediaRef {
	checkAddress(url);
	return {
		kind: kind === 'visual' ? 'image' : kind,
		directPath: '',
		fileSha256: '',
		fileLength: 0,
		mimetype: 'application/octet-stream',
	};
}

async function plainOf(path: string): Promise<{ fileSha256: Buffer; fileLength: number }> {
	const { size } = await stat(path);
	const hash = createHash('sha256');
	for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
	return { fileSha256: hash.digest(), fileLength: size };
}

interface Shaped {
	path: string;
	about: Omit<
		MediaRef,
		'url' | 'directPath' | 'mediaKey' | 'fileSha256' | 'fileEncSha256' | 'fileLength' | 'handle'
	>;
}

async function shape(
	file: LocalFile,
	request: MediaRequest,
	workspace: Workspace,
	signal?: AbortSignal,
): Promise<Shaped> {
	const kind = request.kind === 'visual' ? visualKind(file) : request.kind;
	if (kind === 'file') return shapeFile(file, request.fileName);
	if (kind === 'gif' && sniff(file.head)?.mimeType === 'image/gif') {
		const path = await gifToVideo(file.path, workspace, signal);
		const video = { mimeType: 'video/mp4', extension: 'mp4', group: 'video' } as const;
		return described(kind, await shapeVideo(path, video, workspace, signal));
	}
	const fits = fitsAs(file.head, kind);
	if (!fits.ok) throw new LinkedError(fits.code, { detail: fits.detail });
	const found = fits.value;
	const converted = await workspace.path();
	switch (kind) {
		case 'image':
			return described(kind, await shapeImage(file.path, file.size, found, converted));
		case 'sticker':
			return described(kind, await shapeSticker(file.path, file.size, found, converted));
		case 'video':
		case 'gif':
		case 'ptv':
			return described(kind, await shapeVideo(file.path, found, workspace, signal));
		case 'audio':
			return described(kind, await shapeAudio(file.path, found, converted, signal));
		case 'voice':
			return described(kind, await shapeVoice(file.path, found, converted, signal));
	}
}

const visualKind = ({ head }: LocalFile): 'image' | 'video' =>
	sniff(head)?.group === 'video' ? 'video' : 'image';

function shapeFile(file: LocalFile, fileName: string | undefined): Shaped {
	const found = sniff(file.head);
	// The name says more where the bytes say little (office files are all ZIP, CSV is text).
	const declared = /^[\w.+-]+\/[\w.+-]+/.exec(file.declaredType ?? '')?.[0];
	const general =
		found === null || found.mimeType === 'application/x-cfb' || found.group === 'archive';
	const mimetype =
		(general ? declared : undefined) ?? found?.mimeType ?? 'application/octet-stream';
	const name = fileName || file.fileName || (found ? `file.${found.extension}` : 'file');
	return {
		path: file.path,
		about: { kind: 'file', mimetype, fileName: name },
	};
}

function described(
	kind: MediaRef['kind'],
	made: {
		path: string;
		mimetype: string;
		seconds?: number;
		width?: number;
		height?: number;
		thumbnail?: Buffer;
		waveform?: Uint8Array;
		animated?: boolean;
	},
): Shaped {
	const { path, mimetype, seconds, width, height, thumbnail, waveform, animated } = made;
	return {
		path,
		about: {
			kind,
			mimetype,
			seconds: seconds === undefined ? undefined : Math.max(1, Math.round(seconds)),
			width,
			height,
			thumbnail: thumbnail?.toString('base64'),
			waveform: waveform && Buffer.from(waveform).toString('base64'),
			animated,
		},
	};
}

const CHANNEL_TYPES: Readonly<Record<MediaRef['kind'], ChannelMedia>> = {
	image: 'image',
	video: 'video',
	gif: 'gif',
	ptv: 'ptv',
	audio: 'audio',
	voice: 'ptt',
	file: 'document',
	sticker: 'sticker',
};

async function sendPlain(node: NodeSide, { path, about }: Shaped): Promise<MediaRef> {
	const { fileSha256, fileLength } = await plainOf(path);
	const { directPath, handle } = await upload(
		{
			type: { channel: CHANNEL_TYPES[about.kind] },
			content: () => createReadStream(path) as AsyncIterable<Buffer>,
			length: fileLength,
			hash: fileSha256,
		},
		await uploadOptions(node, fileLength),
	);
	return {
		...about,
		directPath,
		handle,
		fileSha256: fileSha256.toString('base64'),
		fileLength,
	};
}

async function uploadOptions(node: NodeSide, length: number): Promise<UploadOptions> {
	const { proxy } = node.settings;
	return {
		connection: async (fresh) =>
			(await node.ask('media.connection', { fresh })) as unknown as MediaConnection,
		agent: proxy ? await proxyAgent(proxy) : undefined,
		signal: node.signal,
		sent: (done) => node.progress({ doing: 'Uploading', done, of: length, unit: 'bytes' }),
	};
}

async function send(node: NodeSide, { path, about }: Shaped): Promise<MediaRef> {
	const type = TYPES[about.kind];
	const mediaKey = randomBytes(32);
	const { fileSha256, fileEncSha256, encryptedLength } = await measure(path, mediaKey, type);
	const { url, directPath } = await upload(
		{
			type,
			content: () => encrypted(path, mediaKey, type),
			length: encryptedLength,
			hash: fileEncSha256,
		},
		await uploadOptions(node, encryptedLength),
	);
	return {
		...about,
		url,
		directPath,
		mediaKey: mediaKey.toString('base64'),
		fileSha256: fileSha256.toString('base64'),
		fileEncSha256: fileEncSha256.toString('base64'),
		fileLength: (await stat(path)).size,
	};
}
