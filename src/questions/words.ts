/** What people write when they agree or decline. */

/** Small letters, no accents, no skin tones or variants of signs, no punctuation around it. */
export function plain(text: string): string {
	return text
		.normalize('NFKD')
		.replace(/[\u0300-\u036f\ufe0f\u200d]|[\u{1f3fb}-\u{1f3ff}]/gu, '')
		.toLowerCase()
		.replace(/^[\s.,!?;:*_~"'()-]+|[\s.,!?;:*_~"'()-]+$/g, '')
		.replace(/\s+/g, ' ');
}

export const sameText = (a: string, b: string): boolean => plain(a) !== '' && plain(a) === plain(b);

const list = (words: string): ReadonlySet<string> => new Set(words.split(' ').map(plain));

const YES = list(
	'yes y yeah yep ok okay sure approve approved ja jo si sì sí oui sim da да tak evet hai はい 是 好 हाँ نعم 👍 ✅ ✔ ☑ 👌 🆗 💯 ❤ 🙏',
);
const NO = list(
	'no n nope decline declined reject nein non não nao nej nie ne нет hayir いいえ 不 不是 नहीं لا 👎 ❌ ✖ 🚫 ⛔ 🙅',
);

/** True for a yes, false for a no, undefined for anything else. */
export function yesOrNo(said: unknown): boolean | undefined {
	if (typeof said !== 'string') return undefined;
	const word = plain(said);
	if (word === '') return undefined;
	return YES.has(word) ? true : NO.has(word) ? false : undefined;
}
