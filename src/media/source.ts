/**
 * Where a file comes from: binary data of the item in any of n8n's modes, or a web address. What
 * comes out is a file on disk, so that the rest can look into it without holding it in memory. n8n's
 * own file is used where there is one.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { errorName } from '../log';
import { LinkedError } from '../errors';
import { SNIFF_BYTES } from '../wa/sniff';

export type MediaSource = { from: 'binary'; field: string } | { from: 'url'; url: string };

export interface LocalFile {
	path: string;
	size: number;
	/** The first bytes, enough to tell what it is. */
	head: Buffer;
	fileName?: string;
	/** What the sender of the file said that it is. */
	declaredType?: string;
}

/** A folder for one upload; it goes away with everything in it. */
export class Workspace {
	private folder?: Promise<string>;
	private names = 0;

	/** A path for a new file. */
	async path(): Promise<string> {
		this.folder ??= mkdtemp(join(tmpdir(), 'whatsapp-linked-'));
		return join(await this.folder, String(++this.names));
	}

	async remove(): Promise<void> {
		if (this.folder) await rm(await this.folder, { recursive: true, force: true });
	}
}

export interface OpenOptions {
	/** Larger files are refused before they are read, where their size is known. */
	maxBytes: number;
	signal?: AbortSignal;
}

/** @throws LinkedError `bad-parameter`, `bad-media`, `media-too-large`, `download-failed` */
export async function openSource(
	context: IExecuteFunctions,
	item: number,
	source: MediaSource,
	workspace: Workspace,
	options: OpenOptions,
): Promise<LocalFile> {
	const file =
		source.from === 'url'
			? await download(context, source.url, workspace, options)
			: await fromBinary(context, item, source.field, workspace, options);
	const { size } = await stat(file.path);
	if (size === 0) throw new LinkedError('bad-media', { detail: 'The file is empty (0 bytes).' });
	checkSize(size, options.maxBytes);
	return { ...file, size, head: await readHead(file.path, size) };
}

/** @throws LinkedError `media-too-large` */
export function checkSize(size: number, maxBytes: number): void {
	if (size <= maxBytes) return;
	const mega = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;
	throw new LinkedError('media-too-large', {
		detail: `It has ${mega(size)}; the limit is ${mega(maxBytes)}.`,
		data: { bytes: size, limit: maxBytes },
	});
}

type Opened = Pick<LocalFile, 'path' | 'fileName' | 'declaredType'>;

async function fromBinary(
	context: IExecuteFunctions,
	item: number,
	field: string,
	workspace: Workspace,
	{ maxBytes, signal }: OpenOptions,
): Promise<Opened> {
	const fields = context.getInputData()[item]?.binary ?? {};
	const binary: IBinaryData | undefined = fields[field];
	if (!binary) {
		const names = Object.keys(fields);
		throw new LinkedError('bad-parameter', {
			detail:
				names.length > 0
					? `The item has no binary field "${field}"; it has: ${names.join(', ')}.`
					: `The item has no binary field "${field}", nor any other file.`,
			data: { field: 'Input Data Field Name' },
		});
	}
	const about = { fileName: binary.fileName, declaredType: binary.mimeType };
	const { helpers } = context;
	if (!binary.id) {
		const path = await workspace.path();
		await writeFile(path, await helpers.getBinaryDataBuffer(item, field));
		return { ...about, path };
	}
	if (binary.id.startsWith('filesystem')) {
		return { ...about, path: helpers.getBinaryPath(binary.id) };
	}
	const size = binary.bytes ?? (await helpers.getBinaryMetadata(binary.id)).fileSize;
	checkSize(size, maxBytes);
	const path = await workspace.path();
	await pipeline(await helpers.getBinaryStream(binary.id), createWriteStream(path), { signal });
	return { ...about, path };
}

/** @throws LinkedError `bad-parameter` for what is no web address */
export function checkAddress(address: string): void {
	if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return;
	throw new LinkedError('bad-parameter', {
		detail: 'The address of the file must begin with https:// or http://.',
		data: { field: 'URL' },
	});
}

async function download(
	context: IExecuteFunctions,
	address: string,
	workspace: Workspace,
	{ maxBytes, signal }: OpenOptions,
): Promise<Opened> {
	checkAddress(address);
	const { body, headers } = await ask(context, address, signal);
	const path = await workspace.path();
	try {
		checkSize(Number(headers['content-length'] ?? 0), maxBytes);
		await pipeline(
			body,
			async function* (chunks: AsyncIterable<Buffer>) {
				let size = 0;
				for await (const chunk of chunks) {
					size += chunk.length;
					checkSize(size, maxBytes);
					yield chunk;
				}
			},
			createWriteStream(path),
			{ signal },
		);
	} catch (error) {
		body.destroy();
		if (error instanceof LinkedError || signal?.aborted) throw error;
		throw new LinkedError('download-failed', {
			detail: 'It broke off in the middle.',
			cause: error,
		});
	}
	return { path, fileName: nameOf(address, headers), declaredType: headers['content-type'] };
}

interface Answer {
	body: Readable;
	headers: Record<string, string | undefined>;
}

/** Through n8n's own HTTP helper, so that its proxy and its protections apply. */
async function ask(
	context: IExecuteFunctions,
	url: string,
	signal: AbortSignal | undefined,
): Promise<Answer> {
	try {
		return (await context.helpers.httpRequest({
			method: 'GET',
			url,
			encoding: 'stream',
			returnFullResponse: true,
			abortSignal: signal,
		})) as Answer;
	} catch (error) {
		signal?.throwIfAborted();
		const { httpCode, response } = error as { httpCode?: unknown; response?: { status?: unknown } };
		const status = httpCode ?? response?.status;
		throw new LinkedError('download-failed', {
			detail: status ? `The server answered ${String(status)}.` : `(${errorName(error)})`,
			data: status ? { status: Number(status) } : {},
			cause: error,
		});
	}
}

function nameOf(address: string, headers: Answer['headers']): string | undefined {
	const disposition = headers['content-disposition'] ?? '';
	const encoded = /filename\*=(?:UTF-8'')?([^;]+)/i.exec(disposition)?.[1];
	const plain = /filename="?([^";]+)/i.exec(disposition)?.[1];
	const name = encoded ? safeDecode(encoded) : (plain ?? safeDecode(new URL(address).pathname));
	return basename(name.trim()) || undefined;
}

function safeDecode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

async function readHead(path: string, size: number): Promise<Buffer> {
	const head = Buffer.alloc(Math.min(size, SNIFF_BYTES));
	const file = await open(path, 'r');
	try {
		const { bytesRead } = await file.read(head, 0, head.length, 0);
		return head.subarray(0, bytesRead);
	} finally {
		await file.close();
	}
}
