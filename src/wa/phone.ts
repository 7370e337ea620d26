import type { ValidatePhoneNumberLengthResult } from 'libphonenumber-js/min';

import { phoneJid } from './ids';
import { fail, ok, type Result } from './result';

export interface Phone {
	/** E.164 with +. */
	phone: string;
	/** The address WhatsApp is asked about; the one it answers may differ (other countries' rules). */
	jid: string;
}

/** Direction marks and zero-width characters: phones put them around copied numbers. */
const INVISIBLE = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Digits of any script and what people write between them. */
const PHONE_CHARACTERS = /^[+\uff0b]?[\p{Nd}\s()./\-\u2010-\u2015\u2212\uff0d]+$/u;

const LENGTH_PROBLEM: Readonly<Record<ValidatePhoneNumberLengthResult, string>> = {
	INVALID_COUNTRY: 'No country has this country code.',
	NOT_A_NUMBER: 'It has too few digits.',
	TOO_SHORT: 'It has too few digits for its country.',
	TOO_LONG: 'It has too many digits for its country.',
	INVALID_LENGTH: 'Its number of digits does not exist in its country.',
};

/** Loaded on first use: it takes 20 to 40 ms, which the start of n8n need not pay. */
function library(): typeof import('libphonenumber-js/min') {
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- synchronous and lazy
	return require('libphonenumber-js/min') as typeof import('libphonenumber-js/min');
}

/** Removes what is invisible and surrounding space, so that looks and content agree. */
export function visible(text: string): string {
	return text.replace(INVISIBLE, '').trim();
}

/**
 * Reads a phone number with its country code: `+1 (555) 010-0123`, `15550100123`, `001555...`,
 * `tel:+1555...`. It must be *possible* in its country (right length), not *assigned*: WhatsApp is
 * asked for that, and numbers newer than our metadata must pass.
 */
export function parsePhone(input: string): Result<Phone> {
	const text = visible(input).replace(/^(?:tel|whatsapp):(?:\/\/)?/i, '');
	if (text === '') return fail('bad-phone', 'It is empty.');
	// "(+1) 555 010 0123": the brackets are decoration.
	const bare = text.replace(/^\(\s*([+\uff0b]\d{1,3})\s*\)/, '$1 ');
	if (!PHONE_CHARACTERS.test(bare)) {
		return fail(
			'bad-phone',
			/\p{L}/u.test(bare)
				? 'It contains letters (extensions cannot be reached on WhatsApp).'
				: 'It contains characters that do not belong in a phone number.',
		);
	}
	const international = toInternational(bare);
	if (international === null) {
		return fail('bad-phone', 'The country code is missing: start with + and the country code.');
	}
	const mexican = /^\+521(\d{10})$/.exec(international.replace(/[^+\p{Nd}]/gu, ''));
	if (mexican) {
		// WhatsApp's own form of Mexican numbers keeps the 1 that Mexico dropped in 2019.
		return ok({ phone: `+521${mexican[1]}`, jid: phoneJid(`+521${mexican[1]}`) });
	}
	const { parsePhoneNumberFromString, validatePhoneNumberLength } = library();
	const problem = validatePhoneNumberLength(international);
	if (problem !== undefined) return fail('bad-phone', LENGTH_PROBLEM[problem]);
	const parsed = parsePhoneNumberFromString(international, { extract: false });
	if (!parsed?.isPossible()) {
		return fail('bad-phone', 'No number of its country looks like this.');
	}
	return ok({ phone: parsed.number, jid: phoneJid(parsed.number) });
}

/** The text with a leading +, or null when it is written without a country code. */
function toInternational(text: string): string | null {
	if (/^[+\uff0b]/.test(text)) return `+${text.slice(1)}`;
	if (/^00[1-9]/.test(text)) return `+${text.slice(2)}`;
	// A trunk zero or an area code in brackets starts a national number.
	if (/^[0(]/.test(text)) return null;
	return `+${text}`;
}
