/** The safety fields of credential and node. */
import { WhatsAppLinkedApi } from '../../credentials/WhatsAppLinkedApi.credentials';
import { LinkedError } from '../../src/errors';
import { contentFacts } from '../../src/safety/content';
import { isListed } from '../../src/safety/guardrails';
import { NUMBER_FIELDS } from '../../src/safety/numbers';
import { BALANCED, CAREFUL, OFF } from '../../src/safety/profiles';
import { readSafety } from '../../src/safety/settings';

const problem = (data: Parameters<typeof readSafety>[0]): string => {
	try {
		readSafety(data);
	} catch (error) {
		return LinkedError.from(error).message;
	}
	throw new Error('It was taken');
};

test('without a word it is Careful, and every profile has its numbers', () => {
	expect(readSafety({})).toEqual({
		profile: 'careful',
		limits: CAREFUL,
		onlyReplies: false,
		recipients: 'anyone',
		list: [],
	});
	expect(readSafety({ safetyProfile: 'balanced' }).limits).toEqual(BALANCED);
	expect(readSafety({ safetyProfile: 'off' }).limits).toEqual(OFF);
});

test('every number can be set alone, -1 removes a limit', () => {
	for (const { name, unlimited, read } of NUMBER_FIELDS) {
		const { limits } = readSafety({ safetyLimits: { [name]: 3 } });
		expect([name, read(limits)]).toEqual([name, 3]);
		if (unlimited) expect(read(readSafety({ safetyLimits: { [name]: -1 } }).limits)).toBe(Infinity);
		else expect(problem({ safetyLimits: { [name]: -1 } })).toContain('from 0 on');
		expect(problem({ safetyLimits: { [name]: 'many' } })).toContain('must be a number');
	}
});

test('what cannot be is said, naming the field', () => {
	expect(problem({ safetyProfile: 'wild' })).toContain('Safety Profile');
	expect(
		problem({ safetyGuardrails: { recipients: 'list', list: '+1 555 010 0101, Anna' } }),
	).toMatch(/Recipients: entry 2/);
});

test('the credential shows the numbers of the profiles', () => {
	const limits = new WhatsAppLinkedApi().properties.find(({ name }) => name === 'safetyLimits');
	const options = (limits?.options ?? []) as Array<{ name: string; description?: string }>;
	expect(options.map(({ name }) => name).sort()).toEqual(
		NUMBER_FIELDS.map(({ name }) => name).sort(),
	);
	expect(options.find(({ name }) => name === 'newPerDay')?.description).toContain(
		'Careful: 10, Balanced: 30',
	);
});

test('a list has people under each of their addresses, and groups', () => {
	const list = ['+1 555 010 0101', '120363000000000000@g.us'];
	expect(isListed(['200000000000101@lid', '15550100101@s.whatsapp.net'], [list])).toBe(true);
	expect(isListed(['200000000000101@lid'], [list])).toBe(false);
	expect(isListed(['120363000000000000@g.us'], [list])).toBe(true);
	expect(isListed(['15550100101@s.whatsapp.net'], [list, []])).toBe(false);
	expect(isListed(['15550100101@s.whatsapp.net'], [])).toBeUndefined();
});

test('the same content is known again by a fingerprint that shows nothing of it', () => {
	const text = { extendedTextMessage: { text: 'a secret' } };
	const print = (key: string, message: Parameters<typeof contentFacts>[0]) =>
		contentFacts(message).fingerprint(key);
	const first = print('k', text);
	expect(first).toBe(print('k', { conversation: 'a secret' }));
	expect(first).not.toContain('secret');
	expect(print('another key', text)).not.toBe(first);
	expect(print('k', { conversation: 'another' })).not.toBe(first);
	for (const message of [text, { conversation: 'a secret' }]) {
		expect(contentFacts(message)).toMatchObject({ act: 'message', characters: 8 });
	}
	expect(contentFacts({ reactionMessage: { text: '+' } }).act).toBe('amend');
	expect(print('k', undefined)).toBeUndefined();
	const image = (hash: number) => ({
		imageMessage: { fileSha256: Buffer.alloc(32, hash), mediaKey: Buffer.alloc(32) },
	});
	expect(print('k', image(1))).not.toBe(print('k', image(2)));
});
