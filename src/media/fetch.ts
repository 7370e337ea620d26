/** Files from WhatsApp's media hosts, as a stream that goes on where it broke off. */
import type { IncomingMessage } from 'node:http';
import { request, type Agent } from 'node:https';
import { LinkedError } from '../errors';
import { errorName } from '../log';

export interface FetchOptions {
	/** Of the credential's proxy. */
	agent?: Agent;
	signal?: AbortSignal;
}

/** Nothing moves for so long: the host is given up. */
const SILENCE_MS = 60_000;
/** How often a download that breaks off is taken up again, in all. */
const RESUMES = 5;
/** Whoever asks for an old file gets one of these (whatsmeow has all three). */
const GONE = new Set([403, 404, 410]);

/**
 * Begins the download; resolves when the host has begun to answer.
 * @throws LinkedError `media-unavailable` when it is not there any more, `media-download-failed`.
 * The stream fails with the latter, too.
 */
export async function fetchFile(url: URL, options: FetchOptions): Promise<AsyncIterable<Buffer>> {
	const first = await patiently(url, 0, options);
	return pieces(first, url, options);
}

async function* pieces(
	first: IncomingMessage,
	url: URL,
	options: FetchOptions,
): AsyncGenerator<Buffer> {
	const announced = Number(first.headers['content-length'] ?? Number.NaN);
	let response = first;
	let received = 0;
	try {
		for (let resumes = 0; ; resumes++) {
			try {
				for await (const chunk of response as AsyncIterable<Buffer>) {
					received += chunk.length;
					yield chunk;
				}
				if (!(received < announced)) return;
				throw new Error('It ended too early');
			} catch (error) {
				options.signal?.throwIfAborted();
				if (resumes === RESUMES || received === 0) throw failed(error);
				response = await patiently(url, received, options);
			}
		}
	} finally {
		response.destroy();
	}
}

/** A host that is away for a moment is asked a second time. */
async function patiently(url: URL, from: number, options: FetchOptions): Promise<IncomingMessage> {
	try {
		return await ask(url, from, options);
	} catch (error) {
		options.signal?.throwIfAborted();
		if (error instanceof LinkedError && error.code === 'media-unavailable') throw error;
		return await ask(url, from, options).catch((cause: unknown) => {
			options.signal?.throwIfAborted();
			throw cause instanceof LinkedError ? cause : failed(cause);
		});
	}
}

async function ask(
	url: URL,
	from: number,
	{ agent, signal }: FetchOptions,
): Promise<IncomingMessage> {
	const headers: Record<string, string> = { origin: 'https://web.whatsapp.com' };
	if (from > 0) headers.range = `bytes=${from}-`;
	const asked = request(url, { method: 'GET', agent, signal, headers });
	asked.setTimeout(SILENCE_MS, () => asked.destroy(new Error('The media server fell silent')));
	const response = await new Promise<IncomingMessage>((resolve, reject) => {
		asked.on('error', reject);
		asked.on('response', resolve);
		asked.end();
	});
	const status = response.statusCode ?? 0;
	if (status === (from > 0 ? 206 : 200)) return response;
	response.resume();
	response.destroy();
	const data = { status };
	if (GONE.has(status)) throw new LinkedError('media-unavailable', { data });
	throw new LinkedError('media-download-failed', {
		detail: `The media server answered ${status}.`,
		data,
	});
}

function failed(cause: unknown): LinkedError {
	if (cause instanceof LinkedError) return cause;
	return new LinkedError('media-download-failed', { detail: `(${errorName(cause)})`, cause });
}
