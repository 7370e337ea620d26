/**
 * Bringing people into groups: for safety each of them is a new conversation, as WhatsApp restricts
 * numbers that add strangers. The server is asked once for all who may be added.
 */
import { LinkedError } from '../errors';
import type { Command } from '../operations/types';
import type { Pass, SafetyGate } from './safety';

/** Why somebody is not added now. */
export interface HeldBack {
	rule: string;
	because: string;
	/** ISO time from which on it is possible; null when it is not a matter of time. */
	possibleAt: string | null;
}

/** What safety says of people who are to be added. Of what is told about it the first counts. */
export interface Leave {
	/** Nobody is to be added: the node only asks what would happen. */
	readonly dryRun: boolean;
	/** By address; who is not in it may be added. */
	readonly held: ReadonlyMap<string, HeldBack>;
	/** The error of the first who is held back, for when nobody is left. */
	readonly refusal?: LinkedError;
	/** The server has taken this person in. */
	joined(jid: string): void;
	/** It is over; who has not joined has not joined. @param unknown nobody knows who has */
	over(unknown?: boolean): void;
}

/** @throws LinkedError when there is no deciding, see SafetyGate */
export async function leaveToAdd(
	safety: SafetyGate,
	command: Command,
	id: string,
	people: readonly string[],
	signal: AbortSignal,
): Promise<Leave> {
	// Not the id of the invitation that may be sent instead.
	const asked = people.map((to) => ({ to, id: `add:${id}`, command, joins: true }));
	if (command.safety?.dryRun) return await foretold(safety, asked);
	const passes = new Map<string, Pass>();
	const held = new Map<string, HeldBack>();
	let refusal: LinkedError | undefined;
	const over = (unknown = false) => {
		for (const pass of passes.values()) {
			if (unknown) pass.sent('unknown');
			pass.unused();
		}
	};
	try {
		for (const each of asked) {
			const together = passes.size > 0;
			try {
				passes.set(each.to, await safety.pass({ ...each, together }, signal));
			} catch (error) {
				const known = LinkedError.from(error);
				if (known.code !== 'safety-limit' && known.code !== 'guardrail') throw error;
				refusal ??= known;
				held.set(each.to, {
					rule: String(known.data.rule),
					because: known.detail ?? known.message,
					possibleAt: known.data.possibleAt ? String(known.data.possibleAt) : null,
				});
			}
		}
	} catch (error) {
		over();
		throw error;
	}
	return { dryRun: false, held, refusal, joined: (jid) => passes.get(jid)?.sent('accepted'), over };
}

async function foretold(
	safety: SafetyGate,
	asked: Parameters<SafetyGate['preview']>[0],
): Promise<Leave> {
	const held = new Map<string, HeldBack>();
	for (const [index, said] of (await safety.preview(asked)).entries()) {
		const to = asked[index]?.to;
		if (said.allowed === true || to === undefined) continue;
		held.set(to, {
			rule: String(said.rule),
			because: String(said.because),
			possibleAt: said.possibleAt ? String(said.possibleAt) : null,
		});
	}
	return { dryRun: true, held, joined: () => {}, over: () => {} };
}
