import { fail, ok, type Result } from './result';
import type { ContactCard, ContactPhone } from './types';
import { parsePhone } from './phone';

/** A hostile card must not cost time; the largest that phones make (with photo) stay below it. */
const MAX_CARD = 262_144;

/**
 * Reads a contact card (vCard 2.1 to 4.0 as phones send it): name, phones with their WhatsApp number
 * (`waid`) and label, e-mails, organisation. What it does not understand it leaves out.
 */
export function parseVcard(text: string): ContactCard {
	const card: ContactCard = { name: null, phones: [], emails: [], organization: null };
	const labels = new Map<string, string>();
	const groups = new Map<ContactPhone, string>();
	let structured: string | null = null;
	for (const line of unfold(text)) {
		const entry = readLine(line);
		if (!entry) continue;
		const { group, name, parameters, value } = entry;
		if (name === 'FN') card.name ??= decode(value, parameters) || null;
		else if (name === 'N') structured ??= joinName(decodeParts(value, parameters));
		else if (name === 'ORG') {
			card.organization ??= decodeParts(value, parameters).filter(Boolean).join(', ') || null;
		} else if (name === 'EMAIL') {
			const email = decode(value, parameters).trim();
			if (email) card.emails.push(email);
		} else if (name === 'TEL') {
			const number = decode(value, parameters).replace(/^tel:/i, '').trim();
			if (!number) continue;
			const waid = parameters.get('WAID')?.[0] ?? '';
			const phone: ContactPhone = {
				number,
				phone: /^[1-9]\d{4,14}$/.test(waid) ? `+${waid}` : null,
				label: telLabel(parameters),
			};
			if (group) groups.set(phone, group);
			card.phones.push(phone);
		} else if (name === 'X-ABLABEL' && group) {
			labels.set(group, decode(value, parameters).replace(/^_\$!<(.*)>!\$_$/, '$1'));
		}
	}
	for (const [phone, group] of groups) phone.label = labels.get(group) || phone.label;
	card.name ??= structured;
	return card;
}

export interface NewContact {
	name: string;
	/** With country code; at least one. */
	phones: ReadonlyArray<{ phone: string; label?: string }>;
	emails?: readonly string[];
	organization?: string;
}

/**
 * Writes a contact card as WhatsApp does: version 3.0, each phone with its `waid`, without which the
 * receiver sees no "Message" button.
 */
export function buildVcard(contact: NewContact): Result<string> {
	const name = contact.name.trim();
	if (name === '') return fail('bad-parameter', 'The contact has no name.');
	if (contact.phones.length === 0) {
		return fail('bad-parameter', `The contact "${name.slice(0, 60)}" has no phone number.`);
	}
	const lines = ['BEGIN:VCARD', 'VERSION:3.0', `N:;${escape(name)};;;`, `FN:${escape(name)}`];
	if (contact.organization?.trim()) lines.push(`ORG:${escape(contact.organization.trim())}`);
	for (const [index, { phone, label }] of contact.phones.entries()) {
		const parsed = parsePhone(phone);
		if (!parsed.ok) {
			return fail(
				parsed.code,
				`Phone ${index + 1} of the contact "${name.slice(0, 60)}": ${parsed.detail}`,
			);
		}
		const waid = parsed.value.phone.slice(1);
		const group = `item${index + 1}`;
		lines.push(`${group}.TEL;waid=${waid}:${parsed.value.phone}`);
		lines.push(`${group}.X-ABLabel:${escape(label?.trim() || 'Mobile')}`);
	}
	for (const email of contact.emails ?? []) {
		if (email.trim()) lines.push(`EMAIL:${escape(email.trim())}`);
	}
	lines.push('END:VCARD');
	return ok(lines.join('\n'));
}

interface Line {
	group: string | null;
	name: string;
	parameters: ReadonlyMap<string, readonly string[]>;
	value: string;
}

/**
 * Logical lines: one that begins with a space continues the one before (RFC 6350, 3.2), and one in
 * quoted-printable (vCard 2.1) goes on after a final "=".
 */
function unfold(text: string): string[] {
	const lines: string[] = [];
	for (const line of text.slice(0, MAX_CARD).split(/\r\n|\r|\n/)) {
		const before = lines.at(-1);
		if (before !== undefined && /^[ \t]/.test(line)) {
			lines[lines.length - 1] = before + line.slice(1);
		} else if (before?.endsWith('=') && /^[^:]*QUOTED-PRINTABLE/i.test(before)) {
			lines[lines.length - 1] = before.slice(0, -1) + line;
		} else {
			lines.push(line);
		}
	}
	return lines;
}

function readLine(line: string): Line | null {
	const colon = line.indexOf(':');
	if (colon <= 0) return null;
	const [head = '', ...rest] = line.slice(0, colon).split(';');
	const dot = head.lastIndexOf('.');
	const parameters = new Map<string, string[]>();
	for (const parameter of rest) {
		const equals = parameter.indexOf('=');
		// vCard 2.1 writes bare types: TEL;CELL:...
		const key = equals < 0 ? 'TYPE' : parameter.slice(0, equals).trim().toUpperCase();
		const values = (equals < 0 ? parameter : parameter.slice(equals + 1))
			.replace(/"/g, '')
			.split(',');
		const all = parameters.get(key) ?? [];
		for (const each of values) all.push(each);
		parameters.set(key, all);
	}
	return {
		group: dot < 0 ? null : head.slice(0, dot).toLowerCase(),
		name: head.slice(dot + 1).toUpperCase(),
		parameters,
		value: line.slice(colon + 1),
	};
}

function decode(value: string, parameters: Line['parameters']): string {
	const encoding = parameters.get('ENCODING')?.[0]?.toUpperCase();
	const plain = encoding === 'QUOTED-PRINTABLE' ? quotedPrintable(value) : value;
	return plain
		.replace(/\\([nN,;:\\])/g, (_all, character: string) =>
			character.toLowerCase() === 'n' ? '\n' : character,
		)
		.trim();
}

function quotedPrintable(value: string): string {
	const bytes = value.replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
		String.fromCharCode(parseInt(hex, 16)),
	);
	return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The parts of a structured value, which unescaped semicolons separate. */
function decodeParts(value: string, parameters: Line['parameters']): string[] {
	return value.split(/(?<!\\);/).map((part) => decode(part, parameters));
}

/** `family;given;middle;prefix;suffix` in reading order. */
function joinName(parts: readonly string[]): string | null {
	const [family = '', given = '', middle = '', prefix = '', suffix = ''] = parts;
	return [prefix, given, middle, family, suffix].filter(Boolean).join(' ') || null;
}

function telLabel(parameters: Line['parameters']): string | null {
	const silent = new Set(['VOICE', 'PREF', 'INTERNET']);
	const type = parameters.get('TYPE')?.find((value) => value && !silent.has(value.toUpperCase()));
	if (!type) return null;
	const label = type.toLowerCase() === 'cell' ? 'mobile' : type.toLowerCase();
	return label.charAt(0).toUpperCase() + label.slice(1);
}

function escape(value: string): string {
	return value.replace(/[\\,;]/g, '\\$&').replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '\\n');
}
