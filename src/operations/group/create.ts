import { LinkedError } from '../../errors';
import { childOf } from '../../wa/nodes';
import { asText, badField, readCollection, readText, optionsCollection } from '../fields';
import { findPeople, peopleFields, readPeople, type Named } from '../people';
import { query } from '../query';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { bringIn, type Result } from './joining';
import { describeResults, inviteInstead, readResults } from './members';
import { assertRoom, inviteOptions } from './participants';
import { ALL_GROUPS, node } from './query';
import { counted } from './results';
import { ANNA, BEN } from './sample';
import { describeGroup, GROUP_SAMPLE } from './shape';

type Params = {
	name: string;
	people: string[];
	description: string;
	invite: boolean;
	text: string;
};

/** The server answers 406 to longer ones (whatsmeow's older note says 25, the apps let one write 100). */
export const MAX_NAME = 100;
export const MAX_DESCRIPTION = 2_048;

export const nameField = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. Choir',
	description: 'Up to 100 characters',
} as const;

/** @throws LinkedError `bad-parameter` when it is empty or too long */
export function checkName(text: string, max = MAX_NAME): string {
	const name = text.trim();
	if (name === '') throw badField('Name', 'it is empty.');
	if ([...name].length > max) throw badField('Name', `it is longer than ${max} characters.`);
	return name;
}

export function checkDescription(text: string, max = MAX_DESCRIPTION): string {
	if ([...text].length > max) throw badField('Description', `it is longer than ${max} characters.`);
	return text;
}

export const create = defineOperation<Params>({
	resource: 'group',
	operation: 'create',
	name: 'Create',
	description:
		'Create a group with people in it. The output says for each whether they were added and why not; those who may not be added can be sent an invitation instead. Adding a stranger counts as a new conversation.',
	action: 'Create a group',
	needs: 'socket',
	writes: true,
	sends: true,
	fields: [
		nameField,
		...peopleFields(),
		optionsCollection([
			{
				displayName: 'Description',
				name: 'description',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
			},
			...inviteOptions,
		]),
	],
	read(context, item) {
		const { description, invite, text } = readCollection(context, item, 'options');
		const people = readPeople(context, item, { required: false });
		// The number itself is one of them.
		assertRoom(0, people.length + 1);
		return {
			name: checkName(readText(context, item, 'name')),
			people,
			description: checkDescription(asText(description)),
			invite: invite === true,
			text: asText(text),
		};
	},
	async perform(owner, { name, people, description, invite, text }) {
		return await created(owner, { name, people, description }, invite ? { text } : undefined);
	},
	sample: {
		...GROUP_SAMPLE,
		participants: [
			{ ...ANNA, status: 'added', reason: null, code: 200 },
			{ ...BEN, status: 'invited', reason: null, code: 403 },
		],
		done: 2,
		failed: 0,
	},
});

interface NewGroup {
	name: string;
	people: readonly string[];
	description?: string;
	/** The community that it becomes part of. */
	community?: string;
}

/**
 * Creates a group with those of the people whom safety lets.
 * @param invite whom privacy settings keep out is invited, with this text
 * @returns the group, and what became of each person; in a dry run only what would become of them
 * @throws LinkedError
 */
export async function created(
	owner: Owner,
	wanted: NewGroup,
	invite?: { text: string },
): Promise<JsonObject> {
	const { name, community } = wanted;
	let id = '';
	const joined = await bringIn(
		owner,
		await findPeople(owner, wanted.people),
		undefined,
		async (people) => {
			const made = await createGroup(owner, wanted, people);
			id = made.id;
			return made.results;
		},
	);
	if (joined.dryRun) {
		const participants = counted(await describeResults(owner, joined.results));
		return { id: null, name, ...(community ? { community } : {}), dryRun: true, ...participants };
	}
	const results = invite
		? await inviteInstead(owner, { id, name }, joined.results, invite.text)
		: joined.results;
	const group = await owner.groups.get(id, true).catch(() => undefined);
	return {
		...(group
			? await describeGroup(owner, group, true)
			: { id, name, ...(community && { community }) }),
		...counted(await describeResults(owner, results)),
	};
}

/** Baileys' groupCreate drops what the server says of those who were not added. */
async function createGroup(
	owner: Owner,
	{ name, description, community }: NewGroup,
	named: readonly Named[],
): Promise<{ id: string; results: Result[] }> {
	const addresses = new Map<Named, string>();
	for (const each of named) if (each.jid) addresses.set(each, each.jid);
	const content = [...addresses.values()].map((jid) => node('participant', { jid }));
	if (community) content.push(node('linked_parent', { jid: community }));
	if (description) {
		const body = node('body', {}, Buffer.from(description, 'utf8'));
		content.push(node('description', { id: owner.idOfPart(1) }, [body]));
	}
	// The key names the wish: Baileys draws one, whatsmeow says that clients leave out the prefix.
	const key = owner.messageId.replace(/^3EB0/, '');
	const answer = await query(
		owner,
		{
			to: ALL_GROUPS,
			xmlns: 'w:g2',
			type: 'set',
			content: [node('create', { subject: name, key }, content)],
		},
		{
			403: 'not-allowed',
			406: { code: 'bad-parameter', detail: 'WhatsApp does not accept this name.' },
			419: 'group-full',
		},
	);
	const group = childOf(answer, 'group');
	const id = group?.attrs.id;
	if (!id) throw new LinkedError('no-answer');
	const results = await readResults(owner, named, addresses, group, 'add');
	return { id: id.includes('@') ? id : `${id}@g.us`, results };
}
