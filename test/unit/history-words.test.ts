import { hash } from 'node:crypto';
import fc from 'fast-check';
import { hasTerms, KeyedWords, termsOf, wordsOf } from '../../src/history/words';

const words = new KeyedWords(Buffer.alloc(32, 7));
const ABOUT = { chat: 'c', from: 'f' };

/** Whether the index finds a text by a query, as FTS5 would. */
function finds(text: string, query: string): boolean {
	const index = ` ${words.index([text], ABOUT)} `;
	return words
		.terms(termsOf(query))
		.every(({ words: found, prefix }) => index.includes(` ${found.join(' ')}${prefix ? '' : ' '}`));
}

test.each([
	['Hello, wörld! don’t e-mail +1 555-0100', 'hello world don t e mail 1 555 0100'],
	['Straße ÆGIR ÇA İstanbul', 'strasse aegir ca istanbul'],
	['東京タワー is 5km', '東 京 タ ワ ー is 5km'],
	['한국어 테스트', '한국어 테스트'],
	['नमस्ते दुनिया', 'नमस्ते दुनिया'],
	['مرحبا بِكم', 'مرحبا بكم'],
	['👍🏽 ok', '👍 ok'],
	['"" !! ...', ''],
	[`x${'y'.repeat(50)}`, `x${'y'.repeat(23)}`],
])('the words of %j', (text, expected) => {
	expect(wordsOf(text).join(' ')).toBe(expected);
});

test.each([
	['invoice "March 2026" pay*', [['invoice'], ['march', '2026'], ['pay', '*']]],
	['“guten Tag*”', [['guten', 'tag', '*']]],
	['e-mail', [['e', 'mail']]],
	['"open phrase', [['open'], ['phrase']]],
	['" ', []],
	['* "" ?!', []],
])('the terms of %j', (query, expected) => {
	const terms = termsOf(query).map((term) => [...term.words, ...(term.prefix ? ['*'] : [])]);
	expect(terms).toEqual(expected);
});

test.each([
	['The invoice of March', 'invoice', true],
	['The invoice of March', 'INVOICE the', true],
	['The invoice of March', 'inv', false],
	['The invoice of March', 'inv*', true],
	['The invoice of March', 'i*', true],
	['The invoice of March', '"invoice of"', true],
	['The invoice of March', '"of invoice"', false],
	['The invoice of March', '"of mar*"', true],
	['東京タワー', '京タ', true],
	['東京タワー', '京ワ', false],
])('keyed words and plain ones agree: %j by %j', (text, query, found) => {
	expect(finds(text, query)).toBe(found);
	expect(hasTerms(wordsOf(text), termsOf(query))).toBe(found);
});

test('keyed words hold nothing of the words, and differ by key', () => {
	const index = words.index(['secret secretary'], { ...ABOUT, quotes: 'Q' });
	expect(index).toMatch(/^0[a-z2-7]{10} 1[a-z2-7]{10} 8[a-z2-7]{10} [a-z2-7]{8} [a-z2-7]{11}$/);
	expect(index).not.toContain('secret');
	const others = new KeyedWords(Buffer.alloc(32, 8)).index(['secret secretary'], ABOUT).split(' ');
	expect(index.split(' ').filter((word) => others.includes(word))).toEqual([]);
});

/** As the index has been written since there is one, letter by letter. */
function keyedSlowly(key: Uint8Array, word: string): string {
	const letters = 'abcdefghijklmnopqrstuvwxyz234567';
	let state = key;
	let keyed = '';
	for (const letter of word) {
		state = hash('sha256', Buffer.concat([state, Buffer.from(letter)]), 'buffer');
		const worth = keyed === '' ? 3 : 1;
		for (let at = 0; at < worth; at++) keyed += letters.charAt((state[at] ?? 0) & 31);
	}
	return keyed;
}

test('a word is keyed as ever, whatever was keyed before', () => {
	const key = Buffer.alloc(32, 9);
	const keyed = new KeyedWords(key);
	const letter = fc.constantFrom('a', 'b', '1', 'é', 'я', '東', '𝔸');
	const word = fc.string({ unit: fc.oneof(letter, fc.string({ minLength: 1, maxLength: 1 })) });
	fc.assert(
		fc.property(fc.array(word), (texts) => {
			const found = keyed.index(texts, ABOUT).split(' ').slice(2);
			expect(found).toEqual(
				texts.flatMap((text) => wordsOf(text).map((each) => keyedSlowly(key, each))),
			);
		}),
	);
});

test('texts of plain letters have the words that the rules for all scripts give', () => {
	const ascii = fc.string({ unit: 'binary-ascii', maxLength: 60 });
	fc.assert(
		fc.property(ascii, (text) => {
			// A letter that is not plain, as a word of its own.
			expect(wordsOf(text)).toEqual(wordsOf(`${text} 東`).slice(0, -1));
		}),
	);
});
