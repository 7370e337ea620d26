/** Who somebody is to this number. */
import {
	GROUP_REPLY_WINDOW,
	REPLY_WINDOW,
	TRUST_WINDOW,
	UNANSWERED_WINDOW,
	type Ask,
	type Line,
	type PersonFacts,
	type Relation,
} from './types';

export const noFacts = (): PersonFacts => ({
	inAt: 0,
	outAt: 0,
	unanswered: [],
	begunAt: 0,
	established: false,
	member: false,
	pausedUntil: 0,
	refusals: 0,
	lastIds: [],
});

export function relationOf({ chat, saved }: Ask, person: PersonFacts): Relation {
	if (chat !== 'person') return chat;
	if (person.inAt > 0) return 'answered';
	if (saved) return 'saved';
	if (person.established) return 'established';
	return person.member ? 'member' : 'stranger';
}

export function lineOf(ask: Ask, person: PersonFacts, now: number): Line {
	const window = ask.chat === 'group' ? GROUP_REPLY_WINDOW : REPLY_WINDOW;
	if (person.inAt > 0 && now - person.inAt <= window) return 'reply';
	const relation = relationOf(ask, person);
	return relation === 'stranger' || relation === 'member' ? 'new' : 'known';
}

/** Whether this message begins a conversation, or takes up one that was left unanswered long ago. */
export function begins(ask: Ask, person: PersonFacts, now: number): boolean {
	if (ask.act === 'amend' || ask.continued || lineOf(ask, person, now) !== 'new') return false;
	return person.outAt === 0 || now - person.outAt > UNANSWERED_WINDOW;
}

/** How much a new conversation weighs: with somebody who shares a group, half. */
export const weightOf = (person: PersonFacts): number => (person.member ? 0.5 : 1);

/** Whether this reaches somebody who has never written: a message, or being brought into a group. */
export const reachesOut = ({ chat, act, continued }: Ask, person: PersonFacts): boolean =>
	chat === 'person' && act !== 'amend' && !continued && person.inAt === 0;

/** Whether this message counts as unanswered until they write for the first time. */
export const countsUnanswered = (ask: Ask, person: PersonFacts): boolean =>
	ask.act === 'message' && reachesOut(ask, person);

/** Whether WhatsApp, as far as known, lets even a restricted number write here. */
export const isTrusted = (person: PersonFacts, now: number): boolean =>
	person.established || (person.inAt > 0 && now - person.inAt <= TRUST_WINDOW);
