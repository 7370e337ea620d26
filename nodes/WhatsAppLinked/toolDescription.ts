/**
 * What a language model is told of the node as a tool. n8n would tell it the operation's action only
 * ("Send a text message in WhatsApp Linked Device"), so each operation brings a text of its own, which
 * stands in the tool's panel and can be changed there.
 */
import type { INodeProperties } from 'n8n-workflow';
import type { AnyOperation } from '../../src/operations';

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** What may stand in a field for somebody, by where its list comes from; names.ts takes the names. */
const MAY_BE = new Map([
	[
		'searchChats',
		'a phone number with country code, an ID from another result, or the name of a saved contact or group',
	],
	[
		'searchPeople',
		'a phone number with country code, an ID from another result, or the name of a saved contact',
	],
	['searchGroups', 'a group ID from another result, or the name of a group'],
]);

function mayBe({ type, displayName, modes = [] }: INodeProperties): string[] {
	if (type !== 'resourceLocator') return [];
	const found = modes.flatMap(
		({ typeOptions }) => MAY_BE.get(String(typeOptions?.searchListMethod)) ?? [],
	);
	return found.map((what) => `${displayName}: ${what}.`);
}

export function textForModels({ description, destructive, fields }: AnyOperation): string {
	const parts = [`WhatsApp, as the user's own number: ${sentence(description)}`];
	const who = fields.flatMap(mayBe);
	if (who.length > 0) {
		parts.push(...who, 'If a name is not clear, the answer says who may be meant: ask the user.');
	}
	if (fields.some(({ name }) => name === 'messageId' || name === 'messageIds')) {
		parts.push('Message IDs are in the results of other tools; never make one up.');
	}
	if (destructive) parts.push('Cannot be undone: only if the user asked for exactly this.');
	return parts.join(' ');
}

/** The field takes the place of n8n's own of this name; n8n's human review has another. */
export const toolDescription = (operation: AnyOperation): INodeProperties => ({
	displayName: 'Tool Description',
	name: 'toolDescription',
	type: 'string',
	typeOptions: { rows: 3 },
	required: true,
	default: textForModels(operation),
	description:
		'What the language model is told this tool does. The more specific, the better it uses the tool.',
	displayOptions: { show: { '@tool': [true] } },
});
