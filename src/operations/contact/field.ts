/** The Contact field, and how what was picked or typed becomes a person's address. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import type { KnownPerson } from '../../history/types';
import { isLid, isPhoneJid } from '../../wa/ids';
import { parseRecipient } from '../../wa/recipient';
import { resolveChat } from '../chat';
import { asText } from '../fields';
import { locatorField, pickOrType } from '../locator';
import type { JsonObject, Owner } from '../types';

/** A resource locator: pick a person from the list, or type a number or an id. */
export const contactField = (): INodeProperties =>
	locatorField(
		'Contact',
		'contact',
		pickOrType('searchPeople', {
			displayName: 'Number or ID',
			placeholder: 'e.g. +1 555 010 0123',
			hint: 'A phone number with country code, or an ID that ends with @s.whatsapp.net or @lid',
		}),
	);

/** What the field holds for this item. @throws LinkedError `bad-recipient`, `bad-phone` */
export function readContact(context: IExecuteFunctions, item: number, name = 'contact'): string {
	const value: unknown = context.getNodeParameter(name, item, '', { extractValue: true });
	return checkContact(asText(value).trim());
}

/** @throws LinkedError `bad-recipient`, `bad-phone` for what is no person */
export function checkContact(text: string): string {
	const parsed = parseRecipient(text);
	if (!parsed.ok) {
		throw new LinkedError(parsed.code === 'bad-phone' ? 'bad-phone' : 'bad-recipient', {
			detail: parsed.detail,
		});
	}
	if (parsed.value.kind !== 'phone' && parsed.value.kind !== 'lid') {
		throw new LinkedError('bad-recipient', { detail: 'This is not a person.' });
	}
	return text;
}

export interface Resolved {
	/** By which the person is known: the LID where there is one. */
	jid: string;
	/** The address with the phone number, where it is known. */
	phoneJid: string | null;
	person: KnownPerson;
}

/** Who is meant; a number is looked up at WhatsApp once. @throws LinkedError `not-on-whatsapp` */
export async function resolveContact(owner: Owner, text: string): Promise<Resolved> {
	const jid = await resolveChat(owner, text);
	const known = await owner.history.person(jid);
	const now = await owner.person(jid, known?.lid, known && phoneJidOf(known));
	const person: KnownPerson = {
		savedName: null,
		pushName: null,
		isContact: false,
		...known,
		...(now ?? { id: jid, lid: isLid(jid) ? jid : null, phone: null, name: null, username: null }),
		name: known?.name ?? now?.name ?? null,
		username: known?.username ?? now?.username ?? null,
	};
	const phoneJid = isPhoneJid(jid) ? jid : phoneJidOf(person);
	// What was learned a moment ago may not be in storage yet.
	const entries = [person.lid, phoneJid].flatMap((form) => owner.directory.find(form) ?? []);
	if (entries.length > 0) {
		const saved = entries.find((entry) => entry.saved);
		person.isContact = saved !== undefined;
		person.savedName = saved?.name || null;
		person.pushName = entries.find(({ pushName }) => pushName)?.pushName ?? person.pushName;
		person.name = person.savedName ?? now?.name ?? person.pushName;
	}
	return { jid: person.id, phoneJid, person };
}

export const phoneJidOf = ({ phone }: { phone: string | null }): string | null =>
	phone ? `${phone.slice(1)}@s.whatsapp.net` : null;

/** A person as items show them. */
export function contactJson(
	{ savedName, pushName, ...person }: KnownPerson,
	simplify: boolean,
): JsonObject {
	return simplify ? { ...person } : { ...person, savedName, pushName };
}

export const CONTACT_SAMPLE = {
	id: '200000000000101@lid',
	lid: '200000000000101@lid',
	phone: '+15550100101',
	name: 'Anna',
	username: null,
	isContact: true,
};
