/**
 * Encrypted files over HTTPS on the server's own port: uploads by hash, downloads by an opaque path,
 * ranges, expiry. Paths and answers as in Baileys' Utils/messages-media.js.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Recorder } from './recorder';

/** Kinds as in the upload path; each file is served under the kind's own path. */
const UPLOAD_PATH =
	/^\/(mms\/(?:image|video|audio|document|md-app-state)|product\/image|pps\/[a-z-]+|newsletter\/newsletter-(?:image|video|gif|ptv|audio|ptt|document|sticker))\/([\w-]+)$/;
/** Pictures of people and groups: not encrypted. */
const PUBLISHED_PATH = /^\/v\/t61\/([\w-]+)\.jpg$/;
const DOWNLOAD_PATH = /^\/v\/t62\/([\w-]+)\.enc$/;
/** Files of newsletters: not encrypted, on servers of their own. */
const PLAIN_PATH = /^\/m1\/v\/t24\/([\w-]+)$/;

interface StoredFile {
	readonly path: string;
	readonly bytes: number;
	/** 404 or 410 once it is gone. */
	gone?: number;
}

export class MediaStore {
	readonly auth = randomBytes(24).toString('base64url');
	/** Uploads that were taken. */
	uploads = 0;
	downloads = 0;
	/** The status codes of the next uploads, e.g. `[500]`; then they work again. */
	readonly refuseUploads: number[] = [];
	/** Uploads that are held up; see holdUploads. */
	waitingUploads = 0;
	private gate: Promise<void> = Promise.resolve();
	/** So many of the next downloads have a byte changed. */
	corruptDownloads = 0;
	/** So many of the next downloads break off in the middle. */
	brokenDownloads = 0;
	/** The status codes of the next downloads, e.g. `[503]`; then they work again. */
	readonly refuseDownloads: number[] = [];
	/** Larger ones get 413; the real limit is per kind, 2 GB for documents. */
	maxBytes = 2 * 1024 * 1024 * 1024;
	private readonly files = new Map<string, StoredFile>();
	private readonly handles = new Set<string>();
	private readonly published = new Map<string, Buffer>();
	private folder?: Promise<string>;

	constructor(private readonly recorder: Recorder) {}

	handle(request: IncomingMessage, response: ServerResponse): void {
		this.answer(request, response).catch((error: unknown) => {
			// A client that breaks off in the middle is not a failure of the server.
			if (!request.complete || request.destroyed) response.destroy();
			else {
				this.recorder.failure(error);
				response.writeHead(500).end();
			}
		});
	}

	/** All files so far are gone: 410 as for old ones, or 404. */
	expire(status: 404 | 410 = 410): void {
		for (const file of this.files.values()) file.gone = status;
	}

	/** The line for uploads is slow: nothing of them is read until the returned function is called. */
	holdUploads(): () => void {
		let open = () => {};
		this.gate = new Promise((resolve) => (open = resolve));
		return open;
	}

	/** Serves a picture to everybody who knows its path, which is returned. */
	publish(jpeg: Buffer): string {
		const id = randomBytes(16).toString('base64url');
		this.published.set(id, jpeg);
		return `/v/t61/${id}.jpg`;
	}

	/** Whether an upload for newsletters was given this handle. */
	isPlain(handle: string): boolean {
		return this.handles.has(handle);
	}

	/** Takes in a file as if it had been uploaded; for files that nobody wants in memory. */
	async keep(content: AsyncIterable<Buffer>): Promise<string> {
		const { id, path } = await this.place();
		await pipeline(content, createWriteStream(path));
		return await this.serve(id, path);
	}

	async close(): Promise<void> {
		if (this.folder) await rm(await this.folder, { recursive: true, force: true });
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? '/', 'https://media');
		const upload = request.method === 'POST' ? UPLOAD_PATH.exec(url.pathname) : null;
		const published = this.published.get(PUBLISHED_PATH.exec(url.pathname)?.[1] ?? '');
		const path = DOWNLOAD_PATH.exec(url.pathname) ?? PLAIN_PATH.exec(url.pathname);
		const download = request.method === 'GET' ? path : null;
		this.recorder.event(
			'media',
			`${request.method} ${url.pathname} ${request.headers.range ?? ''}`,
		);
		if (upload) await this.take(request, response, url, upload);
		else if (published) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(published);
		else if (download) await this.give(request, response, download[1] ?? '');
		else {
			request.resume();
			response.writeHead(404).end();
		}
		this.recorder.changed();
	}

	private async take(
		request: IncomingMessage,
		response: ServerResponse,
		url: URL,
		[, kind = '', token = '']: RegExpExecArray,
	): Promise<void> {
		const refuse = (status: number, error: string) => {
			request.resume();
			response.writeHead(status, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ error: { code: status, message: error } }));
		};
		const fault = this.refuseUploads.shift();
		if (fault !== undefined) return refuse(fault, 'refused');
		if (url.searchParams.get('auth') !== this.auth) return refuse(401, 'bad auth');
		if (Number(request.headers['content-length'] ?? 0) > this.maxBytes) {
			return refuse(413, 'too large');
		}
		this.waitingUploads += 1;
		await this.gate;
		this.waitingUploads -= 1;
		const { id, path } = await this.place();
		const hash = createHash('sha256');
		await pipeline(
			request,
			async function* (source: AsyncIterable<Buffer>) {
				for await (const part of source) {
					hash.update(part);
					yield part;
				}
			},
			createWriteStream(path),
		);
		// The file's name is its hash, so a broken upload is noticed.
		if (hash.digest('base64url') !== token.replace(/=+$/, '')) return refuse(400, 'bad hash');
		this.files.set(id, { path, bytes: (await stat(path)).size });
		this.uploads += 1;
		response.writeHead(200, { 'content-type': 'application/json' });
		if (kind.startsWith('newsletter/')) {
			// The handle goes into the message's stanza (whatsmeow's UploadResponse and MediaHandle).
			const handle = randomBytes(8).toString('hex');
			this.handles.add(handle);
			response.end(JSON.stringify({ direct_path: `/m1/v/t24/${id}`, handle }));
			return;
		}
		const direct_path = `/v/t62/${id}.enc?ccb=11-4`;
		response.end(
			JSON.stringify({ url: `https://${request.headers.host}${direct_path}`, direct_path }),
		);
	}

	private async place(): Promise<{ id: string; path: string }> {
		this.folder ??= mkdtemp(join(tmpdir(), 'whatsapp-media-'));
		const id = randomBytes(16).toString('base64url');
		return { id, path: join(await this.folder, id) };
	}

	private async serve(id: string, path: string): Promise<string> {
		this.files.set(id, { path, bytes: (await stat(path)).size });
		return `/v/t62/${id}.enc?ccb=11-4`;
	}

	private async give(
		request: IncomingMessage,
		response: ServerResponse,
		id: string,
	): Promise<void> {
		const file = this.files.get(id);
		if (!file || file.gone) {
			response.writeHead(file?.gone ?? 404).end();
			return;
		}
		const fault = this.refuseDownloads.shift();
		if (fault !== undefined) {
			response.writeHead(fault).end();
			return;
		}
		this.downloads += 1;
		const range = readRange(request.headers.range, file.bytes);
		if (range === 'unsatisfiable') {
			response.writeHead(416, { 'content-range': `bytes */${file.bytes}` }).end();
			return;
		}
		const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
		const headers: Record<string, string | number> = {
			'content-type': 'application/octet-stream',
			'content-length': end - start + 1,
			'accept-ranges': 'bytes',
		};
		if (range) headers['content-range'] = `bytes ${start}-${end}/${file.bytes}`;
		response.writeHead(range ? 206 : 200, headers);
		const corrupt = this.corruptDownloads > 0;
		if (corrupt) this.corruptDownloads -= 1;
		const breakAt = this.brokenDownloads > 0 ? Math.ceil((end - start + 1) / 2) : Infinity;
		if (breakAt < Infinity) this.brokenDownloads -= 1;
		await pipeline(
			createReadStream(file.path, { start, end }),
			async function* (source: AsyncIterable<Buffer>) {
				let at = 0;
				for await (const part of source) {
					if (corrupt && at === 0) part[0] = (part[0] ?? 0) ^ 1;
					if (at + part.length > breakAt) {
						// What was written before has to leave first.
						const last = part.subarray(0, breakAt - at);
						response.write(last, () => response.destroy());
						return await new Promise<void>((resolve) => response.once('close', resolve));
					}
					at += part.length;
					yield part;
				}
			},
			response,
		);
	}
}

function readRange(
	header: string | undefined,
	bytes: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
	const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
	if (from === undefined) return undefined;
	const start = Number(from);
	if (start >= bytes) return 'unsatisfiable';
	return { start, end: to ? Math.min(Number(to), bytes - 1) : bytes - 1 };
}
