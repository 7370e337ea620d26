/** Adding people to a group, those of them whom safety lets; see src/outbound/joining.ts. */
import type { GroupMetadata } from '@whiskeysockets/baileys';
import { LinkedError } from '../../errors';
import type { HeldBack } from '../../outbound/joining';
import type { Named } from '../people';
import type { Owner } from '../types';
import type { PersonalInvite } from './invitation';
import { NOT_ON_WHATSAPP, type Outcome } from './results';
import { participantOf } from './shape';

/** Somebody, what became of them, and what the server gave for them. */
export interface Result {
	named: Named;
	outcome: Outcome;
	/** With it somebody can be invited who may not be added. */
	invite?: PersonalInvite;
}

export const notThere = (named: Named): Result => ({ named, outcome: NOT_ON_WHATSAPP });

/** What became of each person, in the order in which they were named. */
export interface Joined {
	results: Result[];
	/** Nobody was added: the node only asked what would happen. */
	dryRun: boolean;
}

const WOULD_ADD = { status: 'wouldBeAdded', reason: null, code: null };

const heldBack = (named: Named, { rule, because, possibleAt }: HeldBack): Result => ({
	named,
	outcome: { status: 'heldBack', reason: because, code: null, rule, possibleAt },
});

/**
 * @param known the group as it is, if it is there; its members need no leave
 * @param ask asks the server about those who may be added, and others who cannot be
 * @throws LinkedError `safety-limit` or `guardrail` when all are held back: nothing is done then
 */
export async function bringIn(
	owner: Owner,
	people: readonly Named[],
	known: GroupMetadata | undefined,
	ask: (people: readonly Named[]) => Promise<Result[]>,
): Promise<Joined> {
	const strangers = people.flatMap(({ jid }) =>
		jid && !(known && participantOf(known, jid)) ? [jid] : [],
	);
	const leave = await owner.leaveToAdd(strangers);
	const held = (named: Named) => (named.jid ? leave.held.get(named.jid) : undefined);
	const each = (of: (named: Named) => Result) =>
		people.map((named) => {
			const why = held(named);
			return why ? heldBack(named, why) : of(named);
		});
	if (leave.dryRun) {
		const foretell = (named: Named): Result =>
			named.jid ? { named, outcome: WOULD_ADD } : notThere(named);
		return { results: each(foretell), dryRun: true };
	}
	const asked = people.filter((named) => !held(named));
	if (leave.refusal && !asked.some(({ jid }) => jid !== null)) throw leave.refusal;
	let unknown = false;
	try {
		const results = await ask(asked);
		for (const { named, outcome } of results) {
			if (named.jid && outcome.code === 200) leave.joined(named.jid);
		}
		return {
			results: each((named) => results.find((result) => result.named === named) ?? notThere(named)),
			dryRun: false,
		};
	} catch (error) {
		unknown = !LinkedError.from(error).certain;
		throw error;
	} finally {
		leave.over(unknown);
	}
}
