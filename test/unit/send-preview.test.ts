/** Previews of links: what they say, and whom they never ask. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { isPublicAddress } from '../../src/media/address';
import { firstLink, linkPreview } from '../../src/media/preview';

test.each([
	['see https://example.com/a?b=1.', 'https://example.com/a?b=1'],
	['(http://example.com/x)', 'http://example.com/x'],
	['*https://example.com*', 'https://example.com'],
	['no link here', undefined],
	['ftp://example.com', undefined],
	['https://user:secret@example.com/', undefined],
	['https://localhost/', undefined],
])('the link of "%s" is %s', (text, link) => {
	expect(firstLink(text)).toBe(link);
});

test.each([
	['8.8.8.8', true],
	['93.184.216.34', true],
	['2606:4700::1111', true],
	['127.0.0.1', false],
	['10.1.2.3', false],
	['172.31.255.255', false],
	['172.32.0.1', true],
	['192.168.1.1', false],
	['169.254.169.254', false],
	['100.64.0.1', false],
	['0.0.0.0', false],
	['224.0.0.1', false],
	['255.255.255.255', false],
	['::1', false],
	['::', false],
	['fe80::1', false],
	['fd00::1', false],
	['::ffff:127.0.0.1', false],
	['::ffff:8.8.8.8', false],
	['64:ff9b::7f00:1', false],
	['2002:7f00:1::', false],
	['2001:db8::1', false],
	['not an address', false],
])('%s is public: %s', (address, expected) => {
	expect(isPublicAddress(address)).toBe(expected);
});

describe('of a page', () => {
	let web: Server;
	let port: number;
	let requests: IncomingMessage[];
	let answer: (request: IncomingMessage, response: ServerResponse) => void;

	beforeEach(async () => {
		requests = [];
		web = createServer((request, response) => {
			requests.push(request);
			answer(request, response);
		});
		await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
		port = (web.address() as AddressInfo).port;
	});
	afterEach(() => {
		web.closeAllConnections();
		web.close();
	});

	/** The names of this world, all on this machine; `private.test` counts as a private address. */
	const world = {
		resolve: (host: string) =>
			Promise.resolve(host === 'private.test' ? ['127.0.0.2'] : ['127.0.0.1']),
		allows: (address: string) => address === '127.0.0.1',
	};
	const html = (response: ServerResponse, head: string, type = 'text/html; charset=utf-8') =>
		response.writeHead(200, { 'content-type': type }).end(`<html><head>${head}</head></html>`);

	test('a private address is asked only where the one who runs n8n allows that very place', async () => {
		answer = (request, response) => {
			const to = `http://127.0.0.2:${port}/inside`;
			if (request.url === '/away') response.writeHead(302, { location: to }).end();
			else html(response, '<title>Wiki</title>');
		};
		const at = (path: string, ...trusted: string[]) =>
			linkPreview(`http://127.0.0.1:${port}${path}`, { trusted: new Set(trusted) });
		expect(await at('/')).toBeUndefined();
		expect(await at('/', '127.0.0.1')).toBeUndefined();
		expect(requests).toHaveLength(0);
		expect(await at('/', `127.0.0.1:${port}`)).toMatchObject({ title: 'Wiki' });
		// A redirect from there leads nowhere else.
		expect(await at('/away', `127.0.0.1:${port}`)).toBeUndefined();
		expect(requests.map(({ url }) => url)).toEqual(['/', '/away']);
	});

	test('title, description and picture are taken from it', async () => {
		const picture = await sharp({
			create: { width: 400, height: 200, channels: 3, background: 'green' },
		})
			.png()
			.toBuffer();
		answer = (request, response) => {
			if (request.url === '/pic.png') {
				response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
				return;
			}
			html(
				response,
				`<title>Plain</title>
				<meta property="og:title" content="Tom &amp; Jerry &#8211; all of it">
				<meta content='A cat,
				 a mouse' name='description'/>
				<meta property=og:image content=/pic.png>`,
			);
		};
		const link = `http://www.example.test:${port}/page`;
		const preview = await linkPreview(link, world);
		expect(preview).toMatchObject({
			matchedText: link,
			title: 'Tom & Jerry – all of it',
			description: 'A cat, a mouse',
		});
		const thumbnail = await sharp(Buffer.from(preview?.thumbnail ?? '', 'base64')).metadata();
		expect(thumbnail).toMatchObject({ format: 'jpeg', width: 192, height: 96 });
		expect(requests[0]?.headers).toMatchObject({
			host: `www.example.test:${port}`,
			'user-agent': 'WhatsApp/2',
		});
	});

	test('a redirect is followed, but not to a private address', async () => {
		answer = (request, response) => {
			if (request.url === '/end') html(response, '<title>There</title>');
			else response.writeHead(302, { location: request.url === '/in' ? '/end' : away }).end();
		};
		const away = `http://private.test:${port}/end`;
		expect(await linkPreview(`http://a.test:${port}/in`, world)).toMatchObject({ title: 'There' });
		requests = [];
		expect(await linkPreview(`http://a.test:${port}/out`, world)).toBeUndefined();
		expect(requests.map(({ url }) => url)).toEqual(['/out']);
	});

	test('a private picture is not fetched; the page still has a preview', async () => {
		answer = (_request, response) =>
			html(
				response,
				`<title>Page</title><meta property="og:image" content="http://private.test:${port}/x.png">`,
			);
		const preview = await linkPreview(`http://a.test:${port}/`, world);
		expect(preview).toMatchObject({ title: 'Page', thumbnail: undefined });
		expect(requests).toHaveLength(1);
	});

	test('a name with a private address among others is not asked at all', async () => {
		answer = (_request, response) => html(response, '<title>Page</title>');
		const resolve = () => Promise.resolve(['127.0.0.1', '127.0.0.2']);
		expect(await linkPreview(`http://a.test:${port}/`, { ...world, resolve })).toBeUndefined();
		// And by default this machine is never asked.
		expect(await linkPreview(`http://127.0.0.1:${port}/`)).toBeUndefined();
		expect(requests).toHaveLength(0);
	});

	test('what is no page has no preview, and a page without end is cut', async () => {
		answer = (request, response) => {
			if (request.url === '/json') {
				response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
				return;
			}
			response.writeHead(200, { 'content-type': 'text/html' });
			response.write('<title>Endless</title>');
			const more = () => response.write('x'.repeat(65_536), () => setImmediate(more));
			more();
		};
		expect(await linkPreview(`http://a.test:${port}/json`, world)).toBeUndefined();
		expect(await linkPreview(`http://a.test:${port}/endless`, world)).toMatchObject({
			title: 'Endless',
		});
	});
});
