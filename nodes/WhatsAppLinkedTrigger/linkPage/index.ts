/**
 * The link page: where the owner of the number, perhaps somebody else than who builds the workflow,
 * links it. n8n serves it below the trigger's webhook id, a random UUID: that is the secret in its
 * address. Off unless the option is set.
 */
import { randomBytes } from 'node:crypto';
import type { IWebhookDescription, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { parsePhoneDigits, runtime, settingsFor } from '../../../src/runtime';
import { linkPageHtml } from './html';
import { tellOffers, type Tell } from './stream';

/** An empty method registers nothing; a plain one would change how n8n runs the trigger by hand. */
export const linkPageWebhook: IWebhookDescription = {
	name: 'default',
	httpMethod: '={{ $parameter["options"]["linkPage"] ? "GET" : "" }}',
	path: 'link-whatsapp',
	responseMode: 'onReceived',
	responseData: '',
	// The panel names an address only where there is a page.
	ndvHideUrl: '={{ !$parameter["options"]["linkPage"] }}',
};

const BEAT_MS = 15_000;

type Response = ReturnType<IWebhookFunctions['getResponseObject']>;

export async function serveLinkPage(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const response = context.getResponseObject();
	const query = context.getQueryData() as { events?: unknown; phone?: unknown };
	// no-transform: n8n compresses answers, which would hold the stream back.
	response.setHeader('cache-control', 'no-store, no-transform');
	response.setHeader('referrer-policy', 'no-referrer');
	response.setHeader('x-robots-tag', 'noindex');
	if (query.events === undefined) page(response);
	else await stream(context, response, typeof query.phone === 'string' ? query.phone : undefined);
	return { noWebhookResponse: true };
}

function page(response: Response): void {
	const nonce = randomBytes(16).toString('base64url');
	response.setHeader('content-type', 'text/html; charset=utf-8');
	response.setHeader(
		'content-security-policy',
		`default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; ` +
			"img-src data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
	);
	response.end(linkPageHtml(nonce));
}

/** Answers n8n at once; the stream goes on for as long as the page is open. */
async function stream(
	context: IWebhookFunctions,
	response: Response,
	typed: string | undefined,
): Promise<void> {
	const settings = await settingsFor(context);
	const closed = new AbortController();
	response.on('close', () => closed.abort());
	response.setHeader('content-type', 'text/event-stream');
	// Proxies like nginx hold streams back otherwise.
	response.setHeader('x-accel-buffering', 'no');
	response.flushHeaders();
	const beat = setInterval(() => response.write(': still here\n\n'), BEAT_MS);
	beat.unref();
	const tell: Tell = (event, data) => {
		if (!closed.signal.aborted) {
			response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
		}
	};
	const phone = typed === undefined ? undefined : parsePhoneDigits(typed);
	const work =
		phone !== undefined && 'problem' in phone
			? Promise.resolve(tell('refused', { message: phone.problem }))
			: tellOffers(settings, phone?.digits, tell, closed.signal);
	void work
		.catch(() => runtime().log.warn('the link page could not go on'))
		.finally(() => {
			clearInterval(beat);
			response.end();
		});
}
