/** Changing who is in a group, and as what: the owner's end, with what became of each person. */
import type { BinaryNode, GroupMetadata } from '@whiskeysockets/baileys';
import { sameJid } from '../../wa/ids';
import { childOf, childrenOf } from '../../wa/nodes';
import { describePerson, findPeople, type Named } from '../people';
import type { JsonObject, Owner } from '../types';
import { sendPersonalInvite, type PersonalInvite } from './invitation';
import { bringIn, notThere, type Joined, type Result } from './joining';
import { groupQuery, node } from './query';
import { outcomeOf, type MemberAction, type Outcome } from './results';
import { participantOf } from './shape';

/** What the server takes in one query: as many as a group can have. */
export const MAX_MEMBERS = 1_024;

/** Adds, removes, promotes or demotes people. @throws LinkedError when the group refuses it as a whole */
export async function changeMembers(
	owner: Owner,
	group: string,
	texts: readonly string[],
	action: 'add' | 'remove' | 'promote' | 'demote',
	more: Record<string, string> = {},
): Promise<Joined> {
	const people = await findPeople(owner, texts);
	const known = await owner.groups.get(group).catch(() => undefined);
	const ask = async (asked: readonly Named[]) =>
		await askServer(owner, group, known, asked, action, more);
	if (action !== 'add') return { results: await ask(people), dryRun: false };
	return await bringIn(owner, people, known, ask);
}

async function askServer(
	owner: Owner,
	group: string,
	known: GroupMetadata | undefined,
	people: readonly Named[],
	action: 'add' | 'remove' | 'promote' | 'demote',
	more: Record<string, string>,
): Promise<Result[]> {
	const addresses = new Map<Named, string>();
	for (const named of people) {
		if (named.jid) addresses.set(named, await addressIn(owner, known, named.jid));
	}
	if (addresses.size === 0) return people.map(notThere);
	const participants = [...addresses.values()].map((jid) => node('participant', { jid }));
	const answer = await groupQuery(owner, group, 'set', [node(action, more, participants)]);
	const results = await readResults(owner, people, addresses, childOf(answer, action), action);
	noteChange(owner, group, known, action, results, addresses);
	return results;
}

/** People as the group names its members: old groups know them by number. */
export async function addressIn(
	owner: Owner,
	group: GroupMetadata | undefined,
	jid: string,
): Promise<string> {
	const member = group && participantOf(group, jid);
	if (member) return member.id;
	if (group?.addressingMode !== 'pn') return jid;
	const person = await owner.person(jid);
	return person?.phone ? `${person.phone.slice(1)}@s.whatsapp.net` : jid;
}

/** The answers of the server to those who asked for them, by address or in order. */
export async function readResults(
	owner: Owner,
	people: readonly Named[],
	addresses: ReadonlyMap<Named, string>,
	answer: BinaryNode | undefined,
	action: MemberAction,
): Promise<Result[]> {
	const answers = childrenOf(answer, 'participant');
	const results: Result[] = [];
	for (const named of people) {
		const address = addresses.get(named);
		if (address === undefined) {
			results.push(notThere(named));
			continue;
		}
		const person = await owner.person(address, named.jid);
		const phone = person?.phone ? `${person.phone.slice(1)}@s.whatsapp.net` : null;
		const forms = [address, named.jid, person?.lid, phone];
		const found = answers.find(({ attrs }) =>
			[attrs.jid, attrs.phone_number, attrs.lid].some((said) =>
				forms.some((form) => sameJid(said, form)),
			),
		);
		// Nothing said of somebody is what the server says when it is done.
		const code = Number(found?.attrs.error ?? 200);
		results.push({ named, outcome: outcomeOf(action, code), invite: inviteIn(found) });
	}
	return results;
}

function inviteIn(participant: BinaryNode | undefined): PersonalInvite | undefined {
	const { code, expiration } = childOf(participant, 'add_request')?.attrs ?? {};
	return code ? { code, expiration: Number(expiration) || 0 } : undefined;
}

/** So that the next operation sees it, wherever the server's notice is. */
function noteChange(
	owner: Owner,
	id: string,
	known: GroupMetadata | undefined,
	action: 'add' | 'remove' | 'promote' | 'demote',
	results: readonly Result[],
	addresses: ReadonlyMap<Named, string>,
): void {
	const participants = results.flatMap(({ named, outcome }) => {
		const address = addresses.get(named);
		if (outcome.code !== 200 || !address) return [];
		return [{ ...(known && participantOf(known, address)), id: address }];
	});
	if (participants.length === 0) return;
	const author = owner.me.lid ?? owner.me.phone ?? '';
	owner.groups.changed({ 'group-participants.update': { id, author, participants, action } });
}

/**
 * Invites those whom their privacy settings keep from being added.
 * @param group with its name, which the invitation shows
 */
export async function inviteInstead(
	owner: Owner,
	group: { id: string; name: string },
	results: readonly Result[],
	text: string,
): Promise<Result[]> {
	const after: Result[] = [];
	for (const [part, result] of results.entries()) {
		const { named, invite } = result;
		const sent =
			invite && named.jid
				? await sendPersonalInvite(owner, { to: named.jid, group, invite, text, part })
				: undefined;
		after.push(sent ? { ...result, outcome: sent } : result);
	}
	return after;
}

/** Results as operations give them out: the person, and what became of them. */
export async function describeResults(
	owner: Owner,
	results: readonly Result[],
): Promise<Array<JsonObject & Outcome>> {
	const described: Array<JsonObject & Outcome> = [];
	for (const { named, outcome } of results) {
		described.push({ ...(await describePerson(owner, named)), ...outcome });
	}
	return described;
}
