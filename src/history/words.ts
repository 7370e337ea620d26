/**
 * Words of messages, so that they can be searched while their texts are sealed. The index holds no
 * words but keyed ones: each letter becomes a letter that depends, by SHA-256 and a key, on all the
 * letters before it. So a word is found by the same word, a phrase by its words in order, and the
 * beginning of a word by the beginning of the keyed word. Different words may have the same keyed
 * word, seldom; who searches looks at the text again.
 *
 * Without the key, what the index gives away is how often words occur, which of them occur together,
 * and which begin alike.
 */
import { hash } from 'node:crypto';
import type { Phrase } from '../storage/historyRole';

/** Longer words are as long as this; nobody types more of a word. */
const LONGEST = 24;
const REMEMBERED = 50_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** Scripts without spaces between words: there each character is a word, and a word a phrase. */
const ALONE =
	'\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\u30fc\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const WORD = new RegExp(
	`[${ALONE}]\\p{M}*|(?:(?![${ALONE}])[\\p{L}\\p{N}\\p{M}])+|\\p{Extended_Pictographic}`,
	'gu',
);
/** Accents and points, which people leave out: Latin, Greek and Cyrillic, Hebrew, Arabic. */
const ACCENTS =
	/[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]/gu;

/** Letters that people without them on their keyboards write otherwise. */
const OTHERWISE: Readonly<Record<string, string>> = {
	...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ħ: 'h', ı: 'i' },
};
const SPECIAL = new RegExp(`[${Object.keys(OTHERWISE).join('')}]`, 'gu');

/** Most texts are written with these alone, which need none of the rules below. */
const PLAIN = /^[\0-\x7f]*$/;
const PLAIN_WORD = /[a-z0-9]+/g;

/** The words of a text, without case and accents. */
export function wordsOf(text: string): string[] {
	if (PLAIN.test(text)) {
		const words = text.toLowerCase().match(PLAIN_WORD) ?? [];
		return words.map((word) => (word.length > LONGEST ? word.slice(0, LONGEST) : word));
	}
	const found: string[] = [];
	for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
		const plain = word
			.normalize('NFKD')
			.replace(ACCENTS, '')
			.replace(SPECIAL, (letter) => OTHERWISE[letter] ?? letter)
			.normalize('NFC');
		// Most words are short; taking them apart into code points costs more than looking.
		if (plain !== '') {
			found.push(plain.length > LONGEST ? [...plain].slice(0, LONGEST).join('') : plain);
		}
	}
	return found;
}

/**
 * What a person searches for: words that all occur; "a phrase" in quotes; `begin*`. Empty when there
 * is no word in it.
 */
export function termsOf(query: string): Phrase[] {
	const terms: Phrase[] = [];
	for (const [, quoted, bare] of query.matchAll(/["“”„«»](.+?)["“”„«»](?!\w)|(\S+)/gsu)) {
		const text = quoted ?? bare ?? '';
		const words = wordsOf(text);
		if (words.length > 0) terms.push({ words, prefix: text.trimEnd().endsWith('*') });
	}
	return terms;
}

/** Whether all terms occur in these words. */
export function hasTerms(words: readonly string[], terms: readonly Phrase[]): boolean {
	return terms.every((term) => words.some((_, at) => isAt(words, at, term)));
}

function isAt(words: readonly string[], at: number, { words: wanted, prefix }: Phrase): boolean {
	return wanted.every((word, index) => {
		const found = words[at + index] ?? '';
		return prefix && index === wanted.length - 1 ? found.startsWith(word) : found === word;
	});
}

/** What else a message is found by, besides its words. */
export interface About {
	chat: string;
	/** Author; '' for the own number. */
	from: string;
	quotes?: string;
}

/** The first letter is worth three, so that words of one letter differ too. */
const FIRST = 3;
/** Beginnings of so many letters are remembered: words that were not seen before often begin alike. */
const BEGINNING = 4;
const BEGINNINGS = 10_000;
const KEY_SIZE = 32;

/** A beginning of a word: what the next letter depends on, and its keyed letters. */
interface Begun {
	state: Uint8Array;
	keyed: string;
}

export class KeyedWords {
	private readonly known = new Map<string, string>();
	private readonly beginnings = new Map<string, Begun>();
	private readonly marks = new Map<string, string>();
	private readonly nothing: Begun;
	/** What is hashed: a state and a letter. */
	private readonly scratch = Buffer.alloc(KEY_SIZE + 4);

	/** @param key 32 bytes that only this account has */
	constructor(private readonly key: Uint8Array) {
		this.nothing = { state: key, keyed: '' };
	}

	/** What the index holds of a message, separated by spaces. */
	index(texts: readonly string[], about: About): string {
		let all = `${this.mark('chat', about.chat)} ${this.mark('from', about.from)}`;
		if (about.quotes) all += ` ${this.newMark('quotes', about.quotes)}`;
		for (const text of texts) for (const word of wordsOf(text)) all += ` ${this.word(word)}`;
		return all;
	}

	/** Terms as the index knows them. */
	terms(terms: readonly Phrase[]): Phrase[] {
		return terms.map(({ words, prefix }) => ({
			words: words.map((word) => this.word(word)),
			prefix,
		}));
	}

	/** Finds what is about something else than words. Digits, which no keyed word begins with. */
	mark(kind: 'chat' | 'from' | 'quotes', of: string): string {
		const name = `${kind}:${of}`;
		return this.marks.get(name) ?? put(this.marks, name, this.newMark(kind, of), REMEMBERED);
	}

	private newMark(kind: 'chat' | 'from' | 'quotes', of: string): string {
		const named = Buffer.concat([this.key, Buffer.from(`${kind}:${of}`)]);
		const digest = hash('sha256', named, 'buffer');
		let letters = { chat: '0', from: '1', quotes: '8' }[kind];
		for (let at = 0; at < 10; at++) letters += letterOf(digest[at]);
		return letters;
	}

	private word(word: string): string {
		const known = this.known.get(word);
		if (known !== undefined) return known;
		let begun = this.nothing;
		let beginning = '';
		for (const letter of word) {
			beginning += letter;
			if (beginning.length > BEGINNING) begun = this.next(begun, letter);
			else {
				begun =
					this.beginnings.get(beginning) ??
					put(this.beginnings, beginning, this.next(begun, letter), BEGINNINGS);
			}
		}
		return put(this.known, word, begun.keyed, REMEMBERED);
	}

	private next({ state, keyed }: Begun, letter: string): Begun {
		this.scratch.set(state);
		const end = KEY_SIZE + this.scratch.write(letter, KEY_SIZE);
		const next = hash('sha256', this.scratch.subarray(0, end), 'buffer');
		let letters = keyed;
		const worth = keyed === '' ? FIRST : 1;
		for (let at = 0; at < worth; at++) letters += letterOf(next[at]);
		return { state: next, keyed: letters };
	}
}

const letterOf = (byte = 0): string => LETTERS.charAt(byte & 31);

/** Remembers a value; forgets all others when they are too many. */
function put<T>(all: Map<string, T>, name: string, value: T, most: number): T {
	if (all.size >= most) all.clear();
	all.set(name, value);
	return value;
}
