import { LinkedError } from '../../src/errors';
import { backoffMs } from '../../src/session/backoff';
import { judge } from '../../src/session/disconnect';
import { readEndpoint } from '../../src/session/endpoint';

const boom = (statusCode: number, message = 'closed', data?: unknown) =>
	Object.assign(new Error(message), { output: { statusCode }, data });

test.each([
	[401, 'stop', 'logged-out'],
	[403, 'stop', 'banned'],
	[411, 'stop', 'bad-session'],
	[440, 'stop', 'replaced'],
	[408, 'retry', 'connect-timeout'],
	[428, 'retry', 'offline'],
	[503, 'retry', 'offline'],
	[515, 'restart', 'offline'],
])('a close with %i means %s (%s)', (status, action, code) => {
	const verdict = judge(boom(status));
	expect([verdict.action, verdict.error.code]).toEqual([action, code]);
});

test('a 500 passes a few times and is believed when it stays', () => {
	expect(judge(boom(500), 0).action).toBe('retry');
	const verdict = judge(boom(500), 5);
	expect([verdict.action, verdict.error.code]).toEqual(['stop', 'bad-session']);
});

test('a certificate that is not from WhatsApp stops, however Baileys wraps it', () => {
	const errors = [
		boom(400, 'noise certificate signature invalid'),
		boom(400, 'noise intermediate certificate signature invalid'),
		boom(
			428,
			'Connection Closed',
			Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
		),
		new LinkedError('untrusted-server'),
	];
	for (const error of errors) {
		expect(judge(error)).toMatchObject({ action: 'stop', error: { code: 'untrusted-server' } });
	}
});

test('an error without a code is a network fault', () => {
	expect(judge(undefined)).toMatchObject({ action: 'retry', error: { code: 'offline' } });
	expect(judge(new Error('getaddrinfo'))).toMatchObject({ action: 'retry' });
});

test('waits double from a second to five minutes, with jitter over the upper half', () => {
	expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
		1_000, 2_000, 4_000, 8_000,
	]);
	expect(backoffMs(3, () => 0)).toBe(2_000);
	expect(backoffMs(100, () => 1)).toBe(300_000);
});

test('another server is refused unless its address and key are well formed', () => {
	expect(readEndpoint({})).toEqual({ url: undefined, rootKey: undefined });
	expect(() => readEndpoint({ WHATSAPP_LINKED_URL: 'http://x' })).toThrow(/wss:/);
	expect(() => readEndpoint({ WHATSAPP_LINKED_ROOT_KEY: 'abc' })).toThrow(/64 hexadecimal/);
});
