/** What becomes of each person in a change of members. The server answers with a number for each. */
import type { JsonObject } from '../types';

export type MemberAction = 'add' | 'remove' | 'promote' | 'demote' | 'approve' | 'reject';

export interface Outcome {
	/** Stable word for workflows to branch on. */
	status: string;
	/** What it means; null when it is done. */
	reason: string | null;
	/** The server's number; null when it was not asked. */
	code: number | null;
	/** Which rule of safety holds somebody back, and from when it does not. */
	rule?: string;
	possibleAt?: string | null;
}

const DONE: Readonly<Record<MemberAction, string>> = {
	add: 'added',
	remove: 'removed',
	promote: 'promoted',
	demote: 'demoted',
	approve: 'approved',
	reject: 'rejected',
};

type Said = readonly [status: string, reason: string];

const NOT_MEMBER: Said = ['notMember', 'This person is not in the group.'];
const CREATOR: Said = [
	'notAllowed',
	'The creator of a group cannot be removed nor lose the admin role.',
];
const NO_REQUEST: Said = ['noRequest', 'This person has not asked to join (any more).'];

/** Known from whatsapp-web.js, which reads the same answers, and seen at other clients. */
const MEANINGS: Readonly<Record<MemberAction, Readonly<Record<number, Said>>>> = {
	add: {
		401: ['blocked', 'This person has blocked this number.'],
		403: ['privacy', 'The privacy settings of this person keep others from adding them to groups.'],
		404: ['notOnWhatsApp', 'This number is not on WhatsApp.'],
		408: ['leftRecently', 'This person has left the group lately and must come back by an invite.'],
		409: ['alreadyMember', 'This person is in the group already.'],
		417: ['inviteOnly', 'This person can join the community only with an invite link.'],
		419: ['groupFull', 'The group has as many people as WhatsApp allows.'],
	},
	remove: { 403: CREATOR, 404: NOT_MEMBER, 406: CREATOR },
	promote: { 403: CREATOR, 404: NOT_MEMBER, 419: ['tooManyAdmins', 'There are too many admins.'] },
	demote: { 403: CREATOR, 404: NOT_MEMBER, 406: CREATOR },
	approve: { 404: NO_REQUEST, 419: ['groupFull', 'The group is full.'] },
	reject: { 404: NO_REQUEST },
};

export const NOT_ON_WHATSAPP: Outcome = {
	status: 'notOnWhatsApp',
	reason: 'This number is not on WhatsApp.',
	code: null,
};

export function outcomeOf(action: MemberAction, code: number): Outcome {
	if (code === 200) return { status: DONE[action], reason: null, code };
	const [status, reason] = MEANINGS[action][code] ?? [
		'refused',
		`WhatsApp refused it for this person (${code}).`,
	];
	return { status, reason, code };
}

export const isDone = ({ reason }: Outcome): boolean => reason === null;

/** How many it worked for and how many not, beside what became of each. */
export function counted(participants: Array<JsonObject & Outcome>): JsonObject {
	const done = participants.filter(isDone).length;
	return { participants, done, failed: participants.length - done };
}
