/** Uploads to WhatsApp's media hosts, by the process that runs the node. */
import { request, type Agent } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorName } from '../log';
import { LinkedError } from '../errors';
import { counted } from './counted';
import type { MediaType } from './encrypt';

/** What the owner of the number knows of the media hosts (operation `media.connection`). */
export type MediaConnection = {
	auth: string;
	hosts: Array<{ hostname: string; maxBytes: number }>;
};

/** Files of channels, which are not encrypted, have places of their own (WhatsApp Web's). */
export type ChannelMedia =
	'image' | 'video' | 'gif' | 'ptv' | 'audio' | 'ptt' | 'document' | 'sticker';

const PATHS: Readonly<Record<MediaType, string>> = {
	image: '/mms/image',
	video: '/mms/video',
	audio: '/mms/audio',
	document: '/mms/document',
	sticker: '/mms/image',
};
/** Nothing moves for so long: the host is given up. */
const SILENCE_MS = 60_000;

export interface UploadFile {
	/** As what it was encrypted; or that it is for a channel. */
	type: MediaType | { channel: ChannelMedia };
	/** The file as it is to be stored, from its beginning; asked for again when a host fails. */
	content(): AsyncIterable<Buffer>;
	length: number;
	/** Hash of the file as it is to be stored, which names it. */
	hash: Buffer;
}

export interface UploadOptions {
	/** @param fresh the last one was refused */
	connection(fresh: boolean): Promise<MediaConnection>;
	agent?: Agent;
	signal?: AbortSignal;
	/** Told how much has gone out. */
	sent?(bytes: number): void;
}

export interface Uploaded {
	url: string;
	directPath: string;
	/** For a file of a channel: what its post has to show. */
	handle?: string;
}

/** @throws LinkedError `media-too-large`, `upload-failed` */
export async function upload(file: UploadFile, options: UploadOptions): Promise<Uploaded> {
	let last: unknown;
	for (const fresh of [false, true]) {
		const { auth, hosts } = await options.connection(fresh);
		for (const { hostname, maxBytes } of hosts) {
			if (maxBytes > 0 && file.length > maxBytes) throw tooLarge(file.length, maxBytes);
			try {
				return await post(hostname, auth, file, options);
			} catch (error) {
				options.signal?.throwIfAborted();
				if (error instanceof HostRefused && error.status === 413) throw tooLarge(file.length);
				last = error;
			}
		}
	}
	const status = last instanceof HostRefused ? last.status : undefined;
	throw new LinkedError('upload-failed', {
		detail: status ? `The media server answered ${status}.` : `(${errorName(last)})`,
		data: status ? { status } : {},
		cause: last,
	});
}

const tooLarge = (bytes: number, limit?: number) =>
	new LinkedError('media-too-large', { data: { bytes, limit: limit ?? null } });

class HostRefused extends Error {
	constructor(readonly status: number) {
		super(`The media server answered ${status}`);
	}
}

async function post(
	hostname: string,
	auth: string,
	file: UploadFile,
	{ agent, signal, sent }: UploadOptions,
): Promise<Uploaded> {
	const token = file.hash.toString('base64url');
	const { type } = file;
	const isPlain = typeof type === 'object';
	const place = isPlain ? `/newsletter/newsletter-${type.channel}` : PATHS[type];
	const url = new URL(`https://${hostname}${place}/${token}`);
	url.searchParams.set('auth', auth);
	url.searchParams.set('token', token);
	// The apps show the server's preview of what is not encrypted (Baileys' pull request 2434).
	if (isPlain) url.searchParams.set('server_thumb_gen', '1');
	const stop = new AbortController();
	const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
	const asked = request(url, {
		method: 'POST',
		agent,
		signal: either,
		headers: {
			origin: 'https://web.whatsapp.com',
			'content-type': 'application/octet-stream',
			'content-length': file.length,
		},
	});
	asked.setTimeout(SILENCE_MS, () => asked.destroy(new Error('The media server fell silent')));
	const answer = new Promise<Uploaded>((resolve, reject) => {
		asked.on('error', reject);
		asked.on('response', (response) => {
			const chunks: Buffer[] = [];
			const status = response.statusCode ?? 0;
			if (status < 200 || status >= 300) {
				response.resume();
				reject(new HostRefused(status));
				// It need not hear the rest of a large file.
				stop.abort();
				return;
			}
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('error', reject);
			response.on('end', () => {
				const read = readAnswer(Buffer.concat(chunks).toString('utf8'));
				if (read) resolve(read);
				else reject(new Error('The media server did not say where the file is'));
			});
		});
	});
	const written = pipeline(Readable.from(counted(file.content(), sent)), asked, { signal: either });
	// The answer says more than a broken pipe does.
	written.catch(() => {});
	return await answer;
}

function readAnswer(body: string): Uploaded | undefined {
	try {
		const { url, direct_path, handle } = JSON.parse(body) as Record<string, unknown>;
		if (typeof direct_path !== 'string') return undefined;
		return {
			url: typeof url === 'string' ? url : '',
			directPath: direct_path,
			...(typeof handle === 'string' ? { handle } : {}),
		};
	} catch {
		return undefined;
	}
}
