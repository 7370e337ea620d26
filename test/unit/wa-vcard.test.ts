import fc from 'fast-check';

import { buildVcard, parseVcard } from '../../src/wa/vcard';

describe('buildVcard', () => {
	it('writes what parseVcard reads, for any name, organisation and label', () => {
		const word = fc
			.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
			.map((text) => text.trim().replace(/[\r\u0085\u2028\u2029]/g, ''))
			.filter((text) => text !== '');
		fc.assert(
			fc.property(word, word, word, (name, organization, label) => {
				const vcard = buildVcard({
					name,
					organization,
					phones: [{ phone: '+15550100123', label }],
				});
				expect(vcard.ok && parseVcard(vcard.value)).toEqual({
					name,
					phones: [{ number: '+15550100123', phone: '+15550100123', label }],
					emails: [],
					organization,
				});
			}),
		);
	});
});

it('takes a final = for what it is', () => {
	const vcard = buildVcard({ name: 'a=', organization: 'b=', phones: [{ phone: '+15550100123' }] });
	expect(vcard.ok && parseVcard(vcard.value)).toMatchObject({ name: 'a=', organization: 'b=' });
});

it('lets no line break in a name start a line of its own', () => {
	for (const lineBreak of ['\n', '\r', '\r\n', '\u2028']) {
		const vcard = buildVcard({
			name: `Ada${lineBreak}TEL;waid=15550100199:+15550100199`,
			phones: [{ phone: '+15550100123' }],
		});
		expect(vcard.ok && parseVcard(vcard.value).phones).toHaveLength(1);
	}
});

describe('parseVcard', () => {
	it('reads what Android, iPhones and old phones write', () => {
		expect(
			parseVcard(
				[
					'BEGIN:VCARD',
					'VERSION:3.0',
					'N:Lovelace;Ada;King;Dr.;',
					'ORG:Analytical\\; Engines;Research',
					'item1.TEL;waid=15550100123;type=VOICE:+1 555-010-0123',
					'item1.X-ABLabel:_$!<Mobile>!$_',
					'TEL;TYPE=CELL,pref:+1 555-010-0124',
					'EMAIL;TYPE=WORK:ada@example.com',
					'NOTE:a long',
					'  folded line',
					'PHOTO;BASE64:xxxx',
					'END:VCARD',
				].join('\r\n'),
			),
		).toEqual({
			name: 'Dr. Ada King Lovelace',
			phones: [
				{ number: '+1 555-010-0123', phone: '+15550100123', label: 'Mobile' },
				{ number: '+1 555-010-0124', phone: null, label: 'Mobile' },
			],
			emails: ['ada@example.com'],
			organization: 'Analytical; Engines, Research',
		});
		expect(
			parseVcard(
				'BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BC=\nrgen\nTEL;HOME:123\nEND:VCARD',
			),
		).toMatchObject({ name: 'Jürgen', phones: [{ number: '123', label: 'Home' }] });
	});

	it('never throws', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(
						fc.string({ maxLength: 30 }),
						fc.constantFrom(
							'TEL;waid=1:',
							'N:;;',
							'a.TEL:1',
							'a.X-ABLabel:',
							':',
							';',
							'FN;ENCODING=QUOTED-PRINTABLE:=ZZ=F',
						),
					),
				),
				(lines) => {
					expect(Array.isArray(parseVcard(lines.join('\n')).phones)).toBe(true);
				},
			),
		);
	});
});
