import { parseJid, type JidKind } from './ids';
import { parsePhone, visible } from './phone';
import { fail, ok, type Failure, type Result } from './result';

/** Whom a user means. Only `invite` and `channelInvite` need WhatsApp's help to get an address. */
export type Recipient =
	/** A phone number; ask WhatsApp once whether it is there and under which address. */
	| { kind: 'phone'; jid: string; phone: string }
	| { kind: 'lid' | 'group' | 'newsletter' | 'bot'; jid: string }
	| { kind: 'status'; jid: string }
	/** A group by its invite link: `https://chat.whatsapp.com/<code>`. */
	| { kind: 'invite'; code: string }
	/** A channel by its link: `https://whatsapp.com/channel/<code>`. */
	| { kind: 'channelInvite'; code: string };

const ACCEPTED =
	'Use a phone number with country code, a chat from the list, or an id that ends with @s.whatsapp.net, @lid, @g.us or @newsletter.';

const no = (detail: string): Failure => fail('bad-recipient', detail);

/**
 * Reads what a user typed (or an expression produced) as recipient. A number that is typed without
 * @lid is never taken for a LID, and a LID never for a phone number.
 */
export function parseRecipient(input: unknown): Result<Recipient> {
	const given = typeof input === 'bigint' || typeof input === 'number' ? String(input) : input;
	if (given === undefined || given === null) return no('No recipient is given.');
	if (typeof given !== 'string') {
		return no('The value is not a text. If it comes from an expression, pick a single field.');
	}
	const text = visible(given);
	if (text === '') return no('No recipient is given.');
	if (/^(?:undefined|null|nan|\[object \w+\])$/i.test(text)) {
		return no('The expression of this field gave no value for this item.');
	}
	if (text.length > 300) return no('The value is far too long for a recipient.');
	if (/\{\{.*\}\}/.test(text)) {
		return no('The value is an unevaluated expression; switch the field to Expression.');
	}
	return fromLink(text) ?? fromJid(text) ?? fromNumber(text);
}

/** The code of a group invite link, of the bare code too; null when it is neither. */
export function parseInviteCode(text: string): string | null {
	const bare = visible(text);
	// All codes seen are 22 letters and digits.
	if (/^[A-Za-z0-9]{20,24}$/.test(bare)) return bare;
	const link = fromLink(bare);
	return link?.ok && link.value.kind === 'invite' ? link.value.code : null;
}

/** Null when the text is not a link. */
function fromLink(text: string): Result<Recipient> | null {
	const url = asUrl(text);
	if (url === null) return null;
	const elsewhere = no('This link does not lead to a WhatsApp chat, group or channel.');
	if (url === 'broken') return elsewhere;
	const path = safeDecode(url.pathname).replace(/^\/+|\/+$/g, '');
	switch (`${url.protocol}//${url.hostname.toLowerCase().replace(/^www\./, '')}`) {
		case 'https://chat.whatsapp.com': {
			const code = /^(?:invite\/)?([A-Za-z0-9_-]{16,32})$/.exec(path)?.[1];
			return code ? ok({ kind: 'invite', code }) : no('The group invite link is not complete.');
		}
		case 'https://wa.me':
			if (/^[+\d\s().-]+$/.test(path)) return asPhone(path);
			return no(
				'Short links (wa.me/...) without a phone number cannot be resolved; use the number.',
			);
		case 'https://whatsapp.com': {
			if (!path.startsWith('channel')) return elsewhere;
			const code = /^channel\/([A-Za-z0-9_-]{10,40})$/.exec(path)?.[1];
			return code ? ok({ kind: 'channelInvite', code }) : no('The channel link is not complete.');
		}
		case 'https://api.whatsapp.com':
		case 'https://web.whatsapp.com':
		case 'whatsapp://send': {
			const phone = url.searchParams.get('phone');
			return phone ? asPhone(phone) : no('The link names no phone number.');
		}
		default:
			return elsewhere;
	}
}

/** Null when the text is not a link, `broken` when it is one that cannot be read. */
function asUrl(text: string): URL | 'broken' | null {
	let address = text.replace(/^http:/i, 'https:');
	if (/^(?:(?:www|web|api|chat)\.)?(?:whatsapp\.com|wa\.me)(?:[/?#]|$)/i.test(text)) {
		address = `https://${text}`;
	} else if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
		return null;
	}
	return URL.canParse(address) ? new URL(address) : 'broken';
}

/** Null when the text is not an address. */
function fromJid(text: string): Result<Recipient> | null {
	if (!text.includes('@')) return null;
	if (text.startsWith('@')) {
		return no('User names and mentions cannot be written to; use the phone number or the LID.');
	}
	if (/[\s,;]/.test(text)) return no('Give one recipient only.');
	const at = text.lastIndexOf('@');
	// Addresses are lower case; people type them otherwise.
	const parsed = parseJid(text.slice(0, at) + text.slice(at).toLowerCase());
	if (!parsed) return no(`It is not complete. ${ACCEPTED}`);
	const problem = jidProblem(parsed.kind, parsed.user, text);
	if (problem !== null) return no(problem);
	switch (parsed.kind) {
		case 'user':
			return ok({ kind: 'phone', jid: parsed.jid, phone: `+${parsed.user}` });
		case 'lid':
		case 'group':
		case 'newsletter':
		case 'bot':
		case 'status':
			return ok({ kind: parsed.kind, jid: parsed.jid });
		default:
			return no(ACCEPTED);
	}
}

/** What is wrong with an address, or null. */
function jidProblem(kind: JidKind, user: string, text: string): string | null {
	switch (kind) {
		case 'user':
			// Not checked against the phone metadata: this form comes from WhatsApp.
			return /^[1-9]\d{4,14}$/.test(user)
				? null
				: 'The part before @ is not a phone number in digits with country code.';
		case 'lid':
		case 'newsletter':
		case 'bot':
			return /^\d{5,20}$/.test(user) ? null : 'The part before @ is not a number.';
		case 'group':
			return /^\d{5,20}(?:-\d{5,20})?$/.test(user)
				? null
				: 'The part before @g.us is not the id of a group.';
		case 'status':
			return null;
		case 'broadcast':
			return 'Broadcast lists cannot be used from a linked device; send to each person.';
		case 'other':
			return /@(?:[\w-]+\.)+\w+$/.test(text) && !/@[\w.]*(?:c|g)\.us$|whatsapp/i.test(text)
				? 'This is an e-mail address.'
				: `WhatsApp has no such kind of address. ${ACCEPTED}`;
	}
}

/** A phone number, or what else it could have been meant to be. */
function fromNumber(text: string): Result<Recipient> {
	const digits = text.replace(/[^\p{Nd}]/gu, '');
	if (digits === '') return no(`It is neither a number nor an id. ${ACCEPTED}`);
	if (/^\d{8,15}-\d{10}$/.test(text)) {
		return no('This looks like the id of a group: add @g.us.');
	}
	const parts = text.split(/[,;\n|]/).filter((part) => (part.match(/\d/g)?.length ?? 0) >= 7);
	if (parts.length > 1) return no('Give one recipient only.');
	if (/^\d+$/.test(text) && digits.length > 15) {
		return no(
			digits.startsWith('120363')
				? 'This looks like the id of a group or channel: add @g.us or @newsletter.'
				: 'It has too many digits for a phone number. If it is a LID, add @lid.',
		);
	}
	const phone = asPhone(text);
	if (!phone.ok && /^\d{13,15}$/.test(text)) {
		return fail(phone.code, `${phone.detail} If it is a LID, add @lid.`);
	}
	return phone;
}

function asPhone(text: string): Result<Recipient> {
	const phone = parsePhone(text);
	return phone.ok ? ok({ kind: 'phone', ...phone.value }) : phone;
}

function safeDecode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
