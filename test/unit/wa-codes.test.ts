import type { DisconnectReason as DisconnectReasons } from '@whiskeysockets/baileys';

import { CATALOGUE } from '../../src/errors';
import { ackInfo, ackMeaning, participantInfo, queryInfo } from '../../src/wa/ack';
import { disconnectInfo } from '../../src/wa/disconnect';

type Names<T> = Record<keyof T & string, number>;

describe('codes in acks', () => {
	it('knows every code that Baileys can send or handle, under a name of its own', async () => {
		const { NACK_REASONS, SERVER_ERROR_CODES } = await import('@whiskeysockets/baileys');
		const codes = [...Object.values(NACK_REASONS), ...Object.values(SERVER_ERROR_CODES)];
		for (const code of codes) {
			expect({ code, name: ackInfo(code).name }).not.toEqual({ code, name: 'unknown' });
		}
		const names = new Set(codes.map((code) => ackInfo(code).name));
		expect(names.size).toBe(new Set(codes.map(Number)).size);
	});

	it.each([400, 401, 403, 404, 406, 408, 409, 421, 429, 463, 475, 479, 487, 500, 503])(
		'%d has a meaning',
		(code) => {
			expect(ackInfo(String(code))).toEqual(ackInfo(code));
			expect(ackInfo(code)).toMatchObject({ code, meaning: expect.stringMatching(/\w{3,} \w+/) });
		},
	);

	it('never calls a 463 worth repeating', () => {
		expect(ackInfo(463).retry).toBe('never');
	});

	it('answers for unknown codes, and never advises to repeat them', () => {
		for (const code of [999, '', 'abc', -1, 'toString', NaN]) {
			expect(ackInfo(code)).toMatchObject({ name: 'unknown', retry: 'never' });
		}
		expect(ackMeaning(999)).toMatch(/not known/);
	});

	it('tells the same number apart by where it stands', () => {
		expect(ackInfo(408).name).toBe('timeout');
		expect(participantInfo('408').name).toBe('left-recently');
		expect(queryInfo(419).name).toBe('resource-limit');
		expect(participantInfo(419).name).toBe('group-full');
	});
});

describe('disconnects', () => {
	it('knows every reason that Baileys names', async () => {
		const { DisconnectReason } = await import('@whiskeysockets/baileys');
		const reasons = Object.entries(DisconnectReason as Names<typeof DisconnectReasons>).filter(
			([, code]) => typeof code === 'number',
		);
		expect(reasons.length).toBeGreaterThan(8);
		for (const [, code] of reasons) {
			expect(disconnectInfo(code).name).not.toBe('connection-lost');
		}
	});

	it.each([
		[401, 'stop', 'logged-out'],
		[403, 'stop', 'banned'],
		[408, 'transient', 'connect-timeout'],
		[411, 'stop', 'bad-session'],
		[428, 'transient', 'offline'],
		[440, 'stop', 'replaced'],
		[500, 'transient', 'offline'],
		[503, 'transient', 'offline'],
		[515, 'restart', null],
		[undefined, 'transient', 'offline'],
		[777, 'transient', 'offline'],
	])('%p: %s, %s', (code, kind, errorCode) => {
		expect(disconnectInfo(code)).toMatchObject({ class: kind, errorCode });
	});

	it('calls a session gone only when WhatsApp has unlinked it', () => {
		const gone = Array.from({ length: 700 }, (_, code) => disconnectInfo(code)).filter(
			(info) => info.sessionGone,
		);
		expect(gone.map((info) => info.code)).toEqual([401]);
	});

	it('believes in a bad session only when it stays', () => {
		expect(disconnectInfo(500).ifItStays).toBe('bad-session');
		expect(disconnectInfo(503).ifItStays).toBeUndefined();
	});

	it('tells apart reasons that share a code', () => {
		expect(disconnectInfo(408, 'QR refs attempts ended')).toMatchObject({
			name: 'pairing-expired',
			class: 'stop',
		});
		expect(disconnectInfo(408, 'Connection was lost').name).toBe('timed-out');
		expect(disconnectInfo(401, 'Intentional Logout')).toMatchObject({ errorCode: null });
	});

	it('uses only codes of the error catalogue', () => {
		for (let code = 0; code < 700; code++) {
			const { errorCode, ifItStays } = disconnectInfo(code);
			if (errorCode !== null) expect(CATALOGUE).toHaveProperty(errorCode);
			if (ifItStays !== undefined) expect(CATALOGUE).toHaveProperty(ifItStays);
		}
	});
});
