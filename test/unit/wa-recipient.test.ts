import fc from 'fast-check';

import { CATALOGUE } from '../../src/errors';
import { parsePhone } from '../../src/wa/phone';
import { parseInviteCode, parseRecipient } from '../../src/wa/recipient';

const PHONE = { kind: 'phone', jid: '15550100123@s.whatsapp.net', phone: '+15550100123' };
const CODE = 'AbCdEfGhIjKlMnOpQrStUv';

describe('what is accepted as recipient', () => {
	it.each([
		'+15550100123',
		'15550100123',
		15550100123,
		15550100123n,
		'+1 555 010 0123',
		'+1 (555) 010-0123',
		'(+1) 555 010 0123',
		'1-555-010-0123',
		'+1.555.010.0123',
		'0015550100123',
		' \u202a+1 555\u00a0010\u20110123\u202c ',
		'\uff0b15550100123',
		'+١٥٥٥٠١٠٠١٢٣',
		'tel:+15550100123',
		'whatsapp:+15550100123',
		'15550100123@s.whatsapp.net',
		'15550100123@c.us',
		'15550100123@C.US',
		'15550100123:12@s.whatsapp.net',
		'https://wa.me/15550100123',
		'http://wa.me/15550100123?text=hello',
		'wa.me/+15550100123',
		'https://api.whatsapp.com/send?phone=15550100123&text=x',
		'https://web.whatsapp.com/send/?phone=%2B15550100123',
		'whatsapp://send?phone=15550100123',
	])('%p is the phone number', (typed) => {
		expect(parseRecipient(typed)).toEqual({ ok: true, value: PHONE });
	});

	it.each([
		['100000000000001@lid', { kind: 'lid', jid: '100000000000001@lid' }],
		['100000000000001:33@lid', { kind: 'lid', jid: '100000000000001@lid' }],
		['120363000000000001@g.us', { kind: 'group', jid: '120363000000000001@g.us' }],
		['15550100123-1400000000@g.us', { kind: 'group', jid: '15550100123-1400000000@g.us' }],
		['120363000000000002@newsletter', { kind: 'newsletter', jid: '120363000000000002@newsletter' }],
		['status@broadcast', { kind: 'status', jid: 'status@broadcast' }],
		['867051314767696@bot', { kind: 'bot', jid: '867051314767696@bot' }],
		[`https://chat.whatsapp.com/${CODE}`, { kind: 'invite', code: CODE }],
		[`chat.whatsapp.com/invite/${CODE}?mode=ac_t`, { kind: 'invite', code: CODE }],
		[
			'https://www.whatsapp.com/channel/0029VaABCDEF',
			{ kind: 'channelInvite', code: '0029VaABCDEF' },
		],
	])('%s', (typed, value) => {
		expect(parseRecipient(typed)).toEqual({ ok: true, value });
	});

	it('keeps the form WhatsApp uses for Mexican numbers', () => {
		expect(parsePhone('+5215500000000')).toMatchObject({
			ok: true,
			value: { phone: '+5215500000000' },
		});
	});
});

describe('what is wrong with anything else', () => {
	it.each([
		['', 'bad-recipient', /No recipient is given/],
		['   ', 'bad-recipient', /No recipient is given/],
		[undefined, 'bad-recipient', /No recipient is given/],
		['undefined', 'bad-recipient', /expression of this field gave no value/],
		['[object Object]', 'bad-recipient', /gave no value/],
		[{ id: 1 }, 'bad-recipient', /pick a single field/],
		['{{ $json.phone }}', 'bad-recipient', /unevaluated expression/],
		['x'.repeat(301), 'bad-recipient', /far too long/],
		['Mum', 'bad-recipient', /neither a number nor an id/],
		['@ada', 'bad-recipient', /User names/],
		['ada@example.com', 'bad-recipient', /e-mail address/],
		['123456@', 'bad-recipient', /not complete/],
		['abc@s.whatsapp.net', 'bad-recipient', /no such kind of address/],
		['0555@s.whatsapp.net', 'bad-recipient', /not a phone number/],
		['abc@g.us', 'bad-recipient', /not the id of a group/],
		['1400000000@broadcast', 'bad-recipient', /Broadcast lists/],
		['15550100123@s.whatsapp.net, 15550100124@s.whatsapp.net', 'bad-recipient', /one recipient/],
		['15550100123, 15550100124', 'bad-recipient', /one recipient/],
		['15550100123-1400000000', 'bad-recipient', /add @g\.us/],
		['120363000000000001', 'bad-recipient', /add @g\.us or @newsletter/],
		['1000000000000001', 'bad-recipient', /add @lid/],
		['250834713608221', 'bad-phone', /too many digits.*add @lid/],
		['0555 0100123', 'bad-phone', /country code is missing/],
		['(555) 010-0123', 'bad-phone', /country code is missing/],
		['+1 555 01', 'bad-phone', /too few digits/],
		['+1555010012345', 'bad-phone', /too many digits/],
		['+999 12345678', 'bad-phone', /No country/],
		['+1 555 010 0123 ext. 5', 'bad-phone', /letters/],
		['+1-555-CALLME7', 'bad-phone', /letters/],
		['+1*5550100123', 'bad-phone', /characters that do not belong/],
		['https://example.com/15550100123', 'bad-recipient', /does not lead to a WhatsApp/],
		['https://', 'bad-recipient', /does not lead to a WhatsApp/],
		['https://chat.whatsapp.com/', 'bad-recipient', /invite link is not complete/],
		['https://whatsapp.com/channel/', 'bad-recipient', /channel link is not complete/],
		['https://wa.me/message/ABCDEF', 'bad-recipient', /Short links/],
		['https://api.whatsapp.com/send?text=x', 'bad-recipient', /names no phone number/],
	])('%p', (typed, code, detail) => {
		expect(parseRecipient(typed)).toEqual({
			ok: false,
			code,
			detail: expect.stringMatching(detail),
		});
		expect(CATALOGUE).toHaveProperty(String(code));
	});
});

describe('properties', () => {
	it('never throws, whatever is typed', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.anything(), fc.webUrl()), (typed) => {
				expect(typeof parseRecipient(typed).ok).toBe('boolean');
			}),
		);
	});

	it('reads a number the same however it is punctuated', () => {
		const gap = fc.constantFrom('', ' ', '-', '.', '\u00a0', '  ');
		fc.assert(
			fc.property(fc.array(gap, { minLength: 10, maxLength: 10 }), (gaps) => {
				const spread = [...'15550100123'].map((digit, at) => digit + (gaps[at] ?? '')).join('');
				expect(parseRecipient(spread.trim())).toEqual({ ok: true, value: PHONE });
			}),
		);
	});

	it('takes digits for a LID only when they say so', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[1-9]\d{13,14}$/), (digits) => {
				const bare = parseRecipient(digits);
				expect(bare.ok && bare.value.kind !== 'phone').toBe(false);
				expect(parseRecipient(`${digits}@lid`)).toEqual({
					ok: true,
					value: { kind: 'lid', jid: `${digits}@lid` },
				});
			}),
		);
	});
});

describe('parseInviteCode', () => {
	it('reads the link and the bare code', () => {
		expect(parseInviteCode(`https://chat.whatsapp.com/${CODE}`)).toBe(CODE);
		expect(parseInviteCode(` ${CODE} `)).toBe(CODE);
		expect(parseInviteCode('friends')).toBeNull();
		expect(parseInviteCode('15550100123')).toBeNull();
	});
});
