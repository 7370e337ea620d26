import { addressOf } from '../../src/media/host';
import { fileNameOf } from '../../src/media/fileName';

describe('where files are fetched from', () => {
	const environment = { ...process.env };
	beforeEach(() => {
		delete process.env.WHATSAPP_LINKED_URL;
	});
	afterAll(() => {
		process.env = environment;
	});

	const fetched = (url: string | null, directPath: string | null = null) =>
		addressOf({ url, directPath }).href;

	test('is a host of WhatsApp, the one that the message names or the usual one', () => {
		expect(fetched('https://media-fra3-1.cdn.whatsapp.net/v/a.enc?oh=1', '/v/b.enc?oh=2')).toBe(
			'https://media-fra3-1.cdn.whatsapp.net/v/b.enc?oh=2',
		);
		expect(fetched('https://mmg.whatsapp.net/v/a.enc')).toBe('https://mmg.whatsapp.net/v/a.enc');
		expect(fetched(null, '/v/b.enc')).toBe('https://mmg.whatsapp.net/v/b.enc');
		expect(fetched('https://web.whatsapp.net', '/v/b.enc')).toBe(
			'https://web.whatsapp.net/v/b.enc',
		);
	});

	test.each([
		'https://169.254.169.254/latest/meta-data',
		'https://localhost:5678/rest/login',
		'https://whatsapp.net.evil.example/a',
		'https://evilwhatsapp.net/a',
		'http://mmg.whatsapp.net/a',
		'https://user:pass@mmg.whatsapp.net/a',
		'not an address',
	])('is never %s', (url) => {
		expect(() => addressOf({ url })).toThrow('not one of WhatsApp’s');
		expect(addressOf({ url, directPath: '/v/b.enc' }).href).toBe(
			'https://mmg.whatsapp.net/v/b.enc',
		);
	});

	test.each(['//evil.example/a', 'https://evil.example/a', '\\\\evil.example\\a', 'http:/a'])(
		'does not follow the path %s elsewhere',
		(directPath) => {
			expect(() => addressOf({ url: null, directPath })).toThrow('not one of WhatsApp’s');
		},
	);

	test('is the stand-in where there is one', () => {
		process.env.WHATSAPP_LINKED_URL = 'wss://127.0.0.1:4433/ws/chat';
		expect(fetched('https://127.0.0.1:4433/v/a.enc')).toBe('https://127.0.0.1:4433/v/a.enc');
		expect(fetched(null, '/v/a.enc')).toBe('https://127.0.0.1:4433/v/a.enc');
		expect(() => addressOf({ url: 'https://127.0.0.1:4434/v/a.enc' })).toThrow();
	});
});

test('names that are too long for disks are cut, but for what they end with', () => {
	const info = { fileName: `${'x'.repeat(500)}.zip`, kind: 'file' } as const;
	expect(fileNameOf(info, 'application/zip', '3EB0AA')).toBe(`${'x'.repeat(200)}.zip`);
});

test.each([
	[{ fileName: 'bill.pdf', kind: 'file' }, 'application/pdf', 'bill.pdf'],
	[{ fileName: 'bill', kind: 'file' }, 'application/pdf', 'bill.pdf'],
	[
		{ fileName: 'Rechnung März 2026.pdf', kind: 'file' },
		'application/pdf',
		'Rechnung März 2026.pdf',
	],
	[{ fileName: null, kind: 'voice' }, 'audio/ogg; codecs=opus', 'voice-3EB0AA.ogg'],
	[{ fileName: null, kind: 'image' }, 'image/jpeg', 'image-3EB0AA.jpg'],
	[{ fileName: null, kind: 'file' }, 'application/octet-stream', 'file-3EB0AA.bin'],
	[{ fileName: '..\\..\\a/b\0.txt', kind: 'file' }, 'text/plain', '_.._a_b.txt'],
	[{ fileName: 'photo\u202egpj.exe', kind: 'file' }, 'image/jpeg', 'photogpj.exe'],
	[{ fileName: '  \u200b ', kind: 'file' }, 'text/csv', 'file-3EB0AA.csv'],
	[
		{ fileName: `${'x'.repeat(500)}.zip`, kind: 'file' },
		'application/zip',
		`${'x'.repeat(200)}.zip`,
	],
] as const)('a file that its sender calls %o (%s) is called %s', (info, mimeType, name) => {
	expect(fileNameOf(info, mimeType, '3EB0AA')).toBe(name);
});
