import type { INodeProperties } from 'n8n-workflow';
import { parseRecipient } from '../../wa/recipient';
import { canonicalChat } from '../chat';
import { asList, badField, readCollection, optionsCollection } from '../fields';
import { onWhatsApp } from '../onWhatsApp';
import { defineOperation, type JsonObject, type Owner } from '../types';

type Params = { numbers: string[]; anew: boolean };

/** More at once looks like somebody who collects numbers. */
const MOST = 1_000;

const fields: INodeProperties[] = [
	{
		displayName: 'Phone Numbers',
		name: 'numbers',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		required: true,
		placeholder: 'e.g. +1 555 010 0101, +1 555 010 0102',
		description:
			'With country code, separated by commas or line breaks, or a list from an expression. Each becomes an item.',
	},
	optionsCollection([
		{
			displayName: 'Ask WhatsApp Anew',
			name: 'anew',
			type: 'boolean',
			default: false,
			description:
				'Whether to ask about numbers that were asked about before. Answers are remembered: 30 days for who is on WhatsApp, a day for who is not.',
		},
	]),
];

export const checkNumbers = defineOperation<Params>({
	resource: 'contact',
	operation: 'checkNumbers',
	name: 'Check Numbers',
	description:
		'Check which phone numbers are on WhatsApp. WhatsApp restricts numbers that ask about many strangers.',
	action: 'Check which numbers are on WhatsApp',
	needs: 'socket',
	writes: false,
	fields,
	read(context, item) {
		const numbers = asList(context.getNodeParameter('numbers', item, ''));
		if (numbers.length === 0) throw badField('Phone Numbers', 'it is empty.');
		if (numbers.length > MOST) {
			throw badField('Phone Numbers', `${MOST} at once is the most, for the safety of the number.`);
		}
		return { numbers, anew: readCollection(context, item, 'options').anew === true };
	},
	timeoutMs: 180_000,
	async perform(owner, { numbers, anew }) {
		const parsed = numbers.map((input) => ({ input, read: readNumber(input) }));
		const jids = parsed.flatMap(({ read }) => ('jid' in read ? [read.jid] : []));
		const found = await onWhatsApp(owner, jids, anew);
		const results: JsonObject[] = [];
		for (const { input, read } of parsed) {
			const answer =
				'jid' in read
					? await describe(owner, read.jid, found.get(read.jid) ?? null)
					: { onWhatsApp: false, ...NOBODY, problem: read.problem };
			results.push({ input, ...answer });
		}
		return results;
	},
	sample: [
		{
			input: '+1 555 010 0101',
			onWhatsApp: true,
			id: '200000000000101@lid',
			lid: '200000000000101@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
			problem: null,
		},
	],
});

const NOBODY = { id: null, lid: null, phone: null, name: null, username: null };

/** One that cannot be a number must not keep the others from being checked. */
function readNumber(input: string): { jid: string } | { problem: string } {
	const parsed = parseRecipient(input);
	if (!parsed.ok) return { problem: parsed.detail };
	return parsed.value.kind === 'phone'
		? { jid: parsed.value.jid }
		: { problem: 'It is not a phone number.' };
}

async function describe(owner: Owner, asked: string, address: string | null): Promise<JsonObject> {
	if (!address) {
		const phone = `+${asked.split('@')[0]}`;
		return { onWhatsApp: false, ...NOBODY, phone, problem: null };
	}
	const person = await owner.person(address, await canonicalChat(owner, address));
	return { onWhatsApp: true, ...NOBODY, ...person, problem: null };
}
