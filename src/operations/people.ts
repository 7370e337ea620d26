/** Fields that name several people, and who is meant by them. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../errors';
import { isPerson, isPhoneJid, personOf } from '../wa/ids';
import { parseRecipient } from '../wa/recipient';
import { canonicalChat, lookUpMany } from './chat';
import { asText, badField, readEntries } from './fields';
import { locatorField, pickOrType } from './locator';
import type { JsonObject, Owner } from './types';

const PICKED = 'people';
const LISTED = 'peopleList';

/** Pick people one by one, or give a list of numbers; both add up. */
export function peopleFields(what = 'Participants'): INodeProperties[] {
	return [
		{
			displayName: what,
			name: PICKED,
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Person' },
			placeholder: 'Add Person',
			default: {},
			options: [
				{
					displayName: 'Person',
					name: 'person',
					values: [
						locatorField(
							'Person',
							'id',
							pickOrType('searchPeople', {
								displayName: 'Number or ID',
								placeholder: 'e.g. +1 555 010 0123',
							}),
						),
					],
				},
			],
		},
		{
			displayName: `${what} as List`,
			name: LISTED,
			type: 'string',
			default: '',
			placeholder: 'e.g. +1 555 010 0101, +1 555 010 0102',
			description:
				'Phone numbers or IDs, separated by commas or line breaks; or a list from an expression. Added to the people picked above.',
		},
	];
}

/**
 * The people named for this item, as typed, each once.
 * @throws LinkedError `bad-phone`, `bad-recipient` for what cannot be a person; `bad-parameter` when
 * there is nobody
 */
export function readPeople(
	context: IExecuteFunctions,
	item: number,
	{ what = 'Participants', required = true } = {},
): string[] {
	const picked = readEntries(context, item, PICKED, 'person').map(({ id }) => idIn(id));
	const listed = listOf(context.getNodeParameter(LISTED, item, ''));
	const people = [...new Set([...picked, ...listed].filter((each) => each !== ''))];
	for (const [index, person] of people.entries()) checkPerson(person, index + 1);
	if (required && people.length === 0) throw badField(what, 'nobody is named.');
	return people;
}

/** A list as expressions give it: of texts, of people as other operations return them, or one text. */
function listOf(value: unknown): string[] {
	const parts = Array.isArray(value) ? value.map(idIn) : idIn(value).split(/[,;\n]/);
	return parts.map((part) => part.trim());
}

/** The id in what a locator, another operation's output or a text holds. */
function idIn(value: unknown): string {
	if (!value || typeof value !== 'object') return asText(value).trim();
	const { id, value: picked } = value as { id?: unknown; value?: unknown };
	return asText(picked ?? id).trim();
}

function checkPerson(text: string, place: number): void {
	const parsed = parseRecipient(text);
	if (!parsed.ok) {
		throw new LinkedError(parsed.code === 'bad-phone' ? 'bad-phone' : 'bad-recipient', {
			detail: `(No. ${place} of the people.) ${parsed.detail}`,
		});
	}
	const { kind } = parsed.value;
	if (kind !== 'phone' && kind !== 'lid') {
		throw new LinkedError('bad-recipient', {
			detail: `No. ${place} of the people is a ${kind === 'newsletter' ? 'channel' : kind}.`,
		});
	}
}

/** Somebody named, and their address; null when the number is not on WhatsApp. */
export interface Named {
	given: string;
	jid: string | null;
}

/** Who is meant, each person once, in the order given. Unknown numbers are asked for together. */
export async function findPeople(owner: Owner, texts: readonly string[]): Promise<Named[]> {
	const parsed = texts.map((given) => {
		const { value } = parseRecipient(given) as { value?: { jid?: string } };
		return { given, jid: value?.jid ?? '' };
	});
	const phones = parsed.map(({ jid }) => jid).filter(isPhoneJid);
	const found = await lookUpMany(owner, phones);
	const named: Named[] = [];
	for (const { given, jid } of parsed) {
		if (!isPerson(jid)) throw new LinkedError('bad-recipient');
		const address = isPhoneJid(jid) ? (found.get(jid) ?? null) : await canonicalChat(owner, jid);
		if (address !== null && named.some((each) => each.jid === address)) continue;
		named.push({ given, jid: address });
	}
	return named;
}

/** The person as operations show one, also when the number is not on WhatsApp. */
export async function describePerson(owner: Owner, { given, jid }: Named): Promise<JsonObject> {
	const parsed = parseRecipient(given);
	const typed = parsed.ok && 'jid' in parsed.value ? parsed.value.jid : null;
	const person = jid ? await owner.person(jid, isPhoneJid(typed) ? typed : null) : null;
	return { ...(person ?? personOf([typed])) };
}
