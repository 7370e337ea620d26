/**
 * Previews of links, made before sending as phones do it. A text may come from anybody, so only
 * public addresses are asked: every address a name stands for is checked, at every redirect, and the
 * connection goes to the very address that was checked.
 */
import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type Agent } from 'node:https';
import { isIP } from 'node:net';
import { proxyAgent } from '../session/proxy';
import { isPublicAddress } from './address';
import { thumbnailOf } from './image';
import { readMeta } from './meta';

export type LinkPreview = {
	/** The link as it stands in the text. */
	matchedText: string;
	title: string;
	description?: string;
	/** JPEG, base64. */
	thumbnail?: string;
};

export interface PreviewOptions {
	/** The proxy of the credential. */
	proxy?: string;
	signal?: AbortSignal;
	/** Hosts, each with its port unless that is the usual one, that may be asked wherever they are. */
	trusted?: ReadonlySet<string>;
	/** Which addresses may be asked; for tests. */
	allows?(address: string, port: number): boolean;
	/** The addresses that a name stands for; for tests. */
	resolve?(host: string): Promise<string[]>;
	/** For tests. */
	ca?: string;
}

const TIME_MS = 6_000;
const MAX_REDIRECTS = 3;
/** Titles stand at the beginning of a page. */
const MAX_PAGE = 512 * 1024;
const MAX_PICTURE = 4 * 1024 * 1024;
const PICTURE_WIDTH = 192;

/** The first web address in a text, without the punctuation that ends a sentence. */
export function firstLink(text: string): string | undefined {
	const found = /https?:\/\/[^\s<>"'`]{3,2000}/i.exec(text)?.[0].replace(/[.,;:!?)\]}*_~]+$/, '');
	if (!found || !URL.canParse(found)) return undefined;
	const { username, password, hostname } = new URL(found);
	return username || password || !hostname.includes('.') ? undefined : found;
}

/** The preview of a link, or undefined when there is none to be had. Never throws. */
export async function linkPreview(
	link: string,
	options: PreviewOptions = {},
): Promise<LinkPreview | undefined> {
	try {
		return await make(link, options);
	} catch {
		// A message without preview is better than none.
		return undefined;
	}
}

async function make(link: string, options: PreviewOptions): Promise<LinkPreview | undefined> {
	const time = AbortSignal.timeout(TIME_MS);
	const signal = options.signal ? AbortSignal.any([time, options.signal]) : time;
	const agent = options.proxy ? await proxyAgent(options.proxy) : undefined;
	const asker = { ...options, signal, agent };
	const page = await fetchPublic(new URL(link), 'text/html', MAX_PAGE, asker);
	if (!page || !/^text\/html|xhtml/i.test(page.type)) return undefined;
	const meta = readMeta(page.body, page.type);
	if (!meta.title) return undefined;
	const picture =
		meta.image && URL.canParse(meta.image, page.url.href)
			? await fetchPublic(new URL(meta.image, page.url), 'image/', MAX_PICTURE, asker).catch(
					() => undefined,
				)
			: undefined;
	const thumbnail = picture
		? await thumbnailOf(picture.body, PICTURE_WIDTH).catch(() => undefined)
		: undefined;
	return {
		matchedText: link,
		title: meta.title.slice(0, 300),
		description: meta.description?.slice(0, 600),
		thumbnail: thumbnail?.toString('base64'),
	};
}

interface Asker extends PreviewOptions {
	signal: AbortSignal;
	agent?: Agent;
}

interface Page {
	url: URL;
	type: string;
	body: Buffer;
}

async function fetchPublic(
	start: URL,
	accept: string,
	maxBytes: number,
	asker: Asker,
): Promise<Page | undefined> {
	let url = start;
	for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
		const response = await ask(url, asker);
		const { statusCode = 0, headers } = response;
		if (statusCode >= 300 && statusCode < 400 && headers.location) {
			response.destroy();
			url = new URL(headers.location, url);
			continue;
		}
		const type = headers['content-type'] ?? '';
		if (statusCode !== 200 || !type.toLowerCase().startsWith(accept)) {
			response.destroy();
			return undefined;
		}
		return { url, type, body: await read(response, maxBytes, accept === 'text/html') };
	}
	return undefined;
}

/** Asks the very address that was checked, by the name that was asked for. */
async function ask(url: URL, asker: Asker): Promise<IncomingMessage> {
	const secure = url.protocol === 'https:';
	if (!secure && url.protocol !== 'http:') throw new Error('Not a web address');
	const host = url.hostname.replace(/^\[|\]$/g, '');
	const port = Number(url.port) || (secure ? 443 : 80);
	const addresses = isIP(host) ? [host] : await (asker.resolve ?? resolveAll)(host);
	const trusted = asker.trusted?.has(url.host) === true;
	const allows = trusted ? () => true : (asker.allows ?? isPublic);
	const [address] = addresses;
	if (!address || !addresses.every((each) => allows(each, port))) {
		throw new Error('Not a public address');
	}
	return await new Promise((resolve, reject) => {
		const request = (secure ? httpsRequest : httpRequest)(
			{
				host: address,
				port,
				path: url.pathname + url.search,
				servername: isIP(host) ? undefined : host,
				ca: asker.ca,
				agent: secure ? asker.agent : undefined,
				signal: asker.signal,
				headers: {
					host: url.host,
					// Pages give their preview data to this name; it is what phones say too.
					'user-agent': 'WhatsApp/2',
					accept: 'text/html,image/*;q=0.9',
					'accept-encoding': 'identity',
				},
			},
			resolve,
		);
		request.on('error', reject);
		request.end();
	});
}

const isPublic = (address: string, port: number) =>
	isPublicAddress(address) && (port === 443 || port === 80);

async function resolveAll(host: string): Promise<string[]> {
	return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** @throws when a picture is larger; a page is cut there. */
async function read(response: IncomingMessage, maxBytes: number, cut: boolean): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		chunks.push(chunk);
		size += chunk.length;
		if (size <= maxBytes) continue;
		if (!cut) throw new Error('Too large');
		break;
	}
	response.destroy();
	return Buffer.concat(chunks).subarray(0, maxBytes);
}
