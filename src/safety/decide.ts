/** May this message go out now? A pure function of what is known; no clock, no storage, no dice. */
import { limitsNow } from './limits';
import { pace } from './pace';
import { lineOf } from './relation';
import * as rules from './rules';
import type { Case, Objection, RuleOf } from './rules';
import type { AccountFacts, Ask, Decision, PersonFacts, SafetySettings } from './types';

const WHATSAPP: readonly RuleOf[] = [
	rules.refusedPerson,
	rules.refusedAccount,
	rules.timelock,
	rules.capped,
];
const LIMITS: readonly RuleOf[] = [
	rules.newPerHour,
	rules.newPerDay,
	rules.unansweredPerson,
	rules.unansweredTotal,
	rules.sameText,
];

/**
 * `go`, `wait` until a time, or `refuse` where no time helps. When several rules object, the one
 * that holds it longest speaks. Guardrails come first, pauses last: a message that has to wait for
 * hours is not told about seconds.
 */
export function decide(
	ask: Ask,
	person: PersonFacts,
	account: AccountFacts,
	settings: Pick<SafetySettings, 'limits'>,
	now: number,
): Decision {
	const line = lineOf(ask, person, now);
	const limits = limitsNow(settings.limits, account, now);
	const given: Case = { ask, person, account, limits, now };
	const objection = rules.guardrails(given) ?? longest(objections(given)) ?? pace(given);
	if (!objection) return { kind: 'go', line };
	const { rule, of, because, until } = objection;
	return until === undefined
		? { kind: 'refuse', line, rule, of, because }
		: { kind: 'wait', line, until, rule, of, because };
}

function objections(given: Case): Objection[] {
	const { ask } = given;
	// A reaction or an edit begins nothing, but an attempt that WhatsApp refuses counts like any other.
	if (ask.act === 'amend') return heard([rules.refusedPerson], given);
	const whatsapp = heard(WHATSAPP, given);
	const ours = ask.continued ? [] : heard(LIMITS, given);
	const all = [...whatsapp, ...ours];
	return ask.overLimits ? all.filter(({ of }) => of !== 'limit') : all;
}

const heard = (each: readonly RuleOf[], given: Case): Objection[] =>
	each.flatMap((rule) => rule(given) ?? []);

/** The one that no time helps against, or else the one that lasts longest. */
function longest(all: readonly Objection[]): Objection | undefined {
	const end = ({ until }: Objection) => until ?? Infinity;
	return all.reduce<Objection | undefined>(
		(found, each) => (!found || end(each) > end(found) ? each : found),
		undefined,
	);
}
