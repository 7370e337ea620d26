/** What is known of a group, and of the people in it, as JSON. */
import type { GroupMetadata, GroupParticipant } from '@whiskeysockets/baileys';
import { sameJid, type Person } from '../../wa/ids';
import type { JsonObject, Owner } from '../types';

export type Role = 'member' | 'admin' | 'superadmin';

/** Seconds since the epoch, as WhatsApp gives times, as ISO; null when it said none. */
export const iso = (seconds: number | string | undefined): string | null =>
	Number(seconds) ? new Date(Number(seconds) * 1_000).toISOString() : null;

export const roleOf = (participant: GroupParticipant | undefined): Role | null => {
	if (!participant) return null;
	const { admin } = participant;
	return admin === 'superadmin' || admin === 'admin' ? admin : 'member';
};

const formsOf = ({ id, lid, phoneNumber }: GroupParticipant) => [id, lid, phoneNumber];

/** The entry of somebody, known by any of these addresses. */
export function participantOf(
	group: GroupMetadata,
	...addresses: Array<string | null>
): GroupParticipant | undefined {
	return group.participants.find((participant) =>
		formsOf(participant).some((form) => addresses.some((address) => sameJid(form, address))),
	);
}

/** The role of the number itself; null when it is not a member. */
export const ownRole = (owner: Pick<Owner, 'me'>, group: GroupMetadata): Role | null =>
	roleOf(participantOf(group, owner.me.phone, owner.me.lid));

/** A community is a group that others are part of; it has one group for announcements. */
export function kindOf(group: GroupMetadata): 'group' | 'community' | 'announcements' {
	if (group.isCommunity) return 'community';
	return group.isCommunityAnnounce ? 'announcements' : 'group';
}

/** A group without its people. */
export async function describeGroup(
	owner: Owner,
	group: GroupMetadata,
	simplify: boolean,
): Promise<JsonObject> {
	const role = ownRole(owner, group);
	const simple: JsonObject = {
		id: group.id,
		name: group.subject,
		description: group.desc ?? null,
		kind: kindOf(group),
		size: group.size ?? group.participants.length,
		created: iso(group.creation),
		role,
		isAdmin: role !== null && role !== 'member',
		onlyAdminsWrite: group.announce ?? false,
		onlyAdminsEdit: group.restrict ?? false,
		membersMayAdd: group.memberAddMode ?? false,
		joinNeedsApproval: group.joinApprovalMode ?? false,
		disappearsAfter: group.ephemeralDuration ?? 0,
		community: group.linkedParent ?? null,
	};
	if (simplify) return simple;
	return {
		...simple,
		createdBy: json(await owner.person(group.owner, group.ownerPn)),
		nameChanged: iso(group.subjectTime),
		nameChangedBy: json(await owner.person(group.subjectOwner, group.subjectOwnerPn)),
		descriptionId: group.descId ?? null,
		descriptionChanged: iso(group.descTime),
		descriptionChangedBy: json(await owner.person(group.descOwner, group.descOwnerPn)),
		addressing: group.addressingMode ?? null,
		participants: await people(owner, group.participants),
	};
}

/** People of a group with their role, in WhatsApp's order. */
export async function people(
	owner: Owner,
	participants: readonly GroupParticipant[],
): Promise<JsonObject[]> {
	const described: JsonObject[] = [];
	for (const participant of participants) {
		const forms = formsOf(participant);
		const person = await owner.person(...forms);
		if (!person) continue;
		const role = roleOf(participant);
		const { phone, lid } = owner.me;
		described.push({
			...person,
			username: person.username ?? participant.username ?? null,
			role,
			isAdmin: role !== 'member',
			isMe: forms.some((form) => sameJid(form, phone) || sameJid(form, lid)),
		});
	}
	return described;
}

export const json = (person: Person | null): JsonObject | null => person && { ...person };

export const GROUP_SAMPLE = {
	id: '120363000000000001@g.us',
	name: 'Choir',
	description: 'We meet on Mondays',
	kind: 'group',
	size: 12,
	created: '2025-01-05T18:00:00.000Z',
	role: 'admin',
	isAdmin: true,
	onlyAdminsWrite: false,
	onlyAdminsEdit: false,
	membersMayAdd: true,
	joinNeedsApproval: false,
	disappearsAfter: 0,
	community: null,
};
