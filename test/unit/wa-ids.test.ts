import fc from 'fast-check';

import {
	displayPhone,
	isGroup,
	isPerson,
	jidKind,
	parseJid,
	personOf,
	phoneJid,
	sameJid,
	userJid,
} from '../../src/wa/ids';

describe('parseJid', () => {
	it.each([
		['15550100123@s.whatsapp.net', 'user', '15550100123@s.whatsapp.net', null],
		['15550100123:17@s.whatsapp.net', 'user', '15550100123@s.whatsapp.net', 17],
		['15550100123_1:0@s.whatsapp.net', 'user', '15550100123@s.whatsapp.net', 0],
		['15550100123.0:3@s.whatsapp.net', 'user', '15550100123@s.whatsapp.net', 3],
		['15550100123@c.us', 'user', '15550100123@s.whatsapp.net', null],
		['15550100123:99@hosted', 'user', '15550100123@s.whatsapp.net', 99],
		['100000000000001:99@hosted.lid', 'lid', '100000000000001@lid', 99],
		['100000000000001:2@lid', 'lid', '100000000000001@lid', 2],
		['120363000000000001@g.us', 'group', '120363000000000001@g.us', null],
		['15550100123-1400000000@g.us', 'group', '15550100123-1400000000@g.us', null],
		['120363000000000002@newsletter', 'newsletter', '120363000000000002@newsletter', null],
		['status@broadcast', 'status', 'status@broadcast', null],
		['1400000000@broadcast', 'broadcast', '1400000000@broadcast', null],
		['867051314767696@bot', 'bot', '867051314767696@bot', null],
		['server@c.us', 'other', 'server@s.whatsapp.net', null],
		['x@call', 'other', 'x@call', null],
	])('reads %s', (jid, kind, canonical, device) => {
		expect(parseJid(jid)).toMatchObject({ kind, jid: canonical, device });
	});

	it.each([undefined, null, 7, '', '@', 'a@', '@lid', '15550100123', 'a b@lid', {}])(
		'answers null for %p',
		(value) => {
			expect(parseJid(value)).toBeNull();
			expect(jidKind(value)).toBe('other');
		},
	);

	it('is stable: reading its own answer changes nothing', () => {
		const jid = fc.tuple(
			fc.stringMatching(/^\d{5,15}(_\d)?(:\d{1,2})?$/),
			fc.constantFrom('s.whatsapp.net', 'c.us', 'lid', 'hosted', 'hosted.lid', 'g.us', 'bot'),
		);
		fc.assert(
			fc.property(jid, ([user, server]) => {
				const once = userJid(`${user}@${server}`);
				expect(once).not.toBeNull();
				expect(once).not.toContain(':');
				expect(userJid(once)).toBe(once);
				expect(sameJid(`${user}@${server}`, once)).toBe(true);
			}),
		);
	});
});

describe('displayPhone', () => {
	it('never shows a LID as a phone number', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[1-9]\d{6,14}$/), (digits) => {
				for (const server of ['lid', 'hosted.lid', 'g.us', 'newsletter', 'bot', 'broadcast']) {
					expect(displayPhone(`${digits}@${server}`)).toBeNull();
					expect(personOf([`${digits}@${server}`])?.phone ?? null).toBeNull();
				}
				expect(displayPhone(`${digits}:3@s.whatsapp.net`)).toBe(`+${digits}`);
			}),
		);
	});

	it('shows no phone for WhatsApp itself and for bare digits', () => {
		expect(displayPhone('0@s.whatsapp.net')).toBeNull();
		expect(displayPhone('15550100123')).toBeNull();
	});

	it('is the inverse of phoneJid', () => {
		expect(phoneJid('+15550100123')).toBe('15550100123@s.whatsapp.net');
		expect(displayPhone(phoneJid('+15550100123'))).toBe('+15550100123');
	});
});

describe('personOf', () => {
	it('takes LID and phone in any order and prefers the LID as address', () => {
		const person = {
			id: '100000000000001@lid',
			lid: '100000000000001@lid',
			phone: '+15550100123',
			name: 'Ada',
			username: 'ada',
		};
		const known = { name: ' Ada ', username: '@ada' };
		expect(personOf(['100000000000001:4@lid', '15550100123@c.us'], known)).toEqual(person);
		expect(personOf([null, '15550100123:4@s.whatsapp.net', '100000000000001@lid'], known)).toEqual(
			person,
		);
	});

	it('leaves unknown what is not known', () => {
		expect(personOf(['15550100123@s.whatsapp.net'], { name: '  ' })).toEqual({
			id: '15550100123@s.whatsapp.net',
			lid: null,
			phone: '+15550100123',
			name: null,
			username: null,
		});
	});

	it('is null when no address is a person', () => {
		expect(personOf(['120363000000000001@g.us', undefined, 'status@broadcast'])).toBeNull();
	});
});

it('tells people from groups', () => {
	expect(isGroup('120363000000000001@g.us')).toBe(true);
	expect(isGroup('100000000000001@lid')).toBe(false);
	expect(isPerson('100000000000001@lid')).toBe(true);
	expect(isPerson('status@broadcast')).toBe(false);
});
