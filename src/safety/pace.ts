/** Pauses between messages, so that a number writes like a person. Never longer than minutes. */
import { lineOf } from './relation';
import type { Case, RuleOf } from './rules';
import type { AccountFacts, Limits, Line } from './types';

/** Right after a reconnection pauses are this much longer, less and less until the ramp is over. */
const RAMP = 3;

export const pace: RuleOf = (given) => {
	const { ask, person, now } = given;
	if (ask.act === 'amend' || ask.continued || ask.together || ask.chat === 'self') return undefined;
	const until = earliest(given, lineOf(ask, person, now));
	if (until <= now) return undefined;
	return { rule: 'pause', of: 'pace', until, because: 'Messages are sent with small pauses.' };
};

/** When the next message of a line may go: after the last of its own line, and close on any other. */
function earliest({ account, limits, now }: Case, line: Line): number {
	const { last } = account;
	const any = Math.max(last.reply.at, last.known.at, last.new.at);
	return Math.max(
		any + pauseOf(limits, 'reply', account, now),
		last[line].at + pauseOf(limits, line, account, now),
	);
}

/** The pause after the last message of a line: half to one and a half of the average, by its dice. */
function pauseOf(limits: Limits, line: Line, account: AccountFacts, now: number): number {
	const pause = limits.pause[line] * 1_000 * (0.5 + account.last[line].dice);
	return line === 'reply' ? pause : pause * ramp(limits, account, now);
}

function ramp({ rampSeconds }: Limits, { backAt }: AccountFacts, now: number): number {
	const left = 1 - (now - backAt) / (rampSeconds * 1_000);
	return backAt > 0 && rampSeconds > 0 && left > 0 && left <= 1 ? 1 + (RAMP - 1) * left : 1;
}

/** How long a person would type this, milliseconds. */
export function typingTime({ typingSpeed, typingMost }: Limits, characters: number): number {
	if (typingSpeed <= 0) return 0;
	return Math.round(Math.min(typingMost, characters / typingSpeed) * 1_000);
}
