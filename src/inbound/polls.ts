/** How polls stand: the newest vote of each person, for as long as votes may come. */
import type { Sealer } from '../auth';
import type { Person, Tally, Vote } from '../events/types';
import type { Facts } from '../storage/roles';

/** A vote for an older poll finds its secret gone (messages.ts) anyway. */
export const POLL_MS = 90 * 24 * 60 * 60_000;

const nameOf = (pollId: string) => `poll:${pollId}`;

/** The same person, whichever form of address was known at which time. */
function same(a: Person, b: Person): boolean {
	return a.id === b.id || (a.lid !== null && a.lid === b.lid) || samePhone(a, b);
}

const samePhone = (a: Person, b: Person) => a.phone !== null && a.phone === b.phone;

export class Polls {
	constructor(
		private readonly facts: Facts,
		private readonly sealer: Sealer,
	) {}

	/** Notes a vote and says how the poll stands. The same vote again changes nothing. */
	async vote(pollId: string, options: readonly string[], vote: Vote): Promise<Tally> {
		const votes = await this.read(pollId);
		const at = votes.findIndex(({ voter }) => same(voter, vote.voter));
		const before = votes[at];
		if (!before) votes.push(vote);
		else if (before.at <= vote.at) votes[at] = vote;
		const name = nameOf(pollId);
		const bytes = Buffer.from(JSON.stringify(votes));
		await this.facts.set(name, this.sealer.seal(name, bytes), POLL_MS);
		return tally(options, votes);
	}

	/** How a poll stands; undefined when nobody has voted that this number knows of. */
	async stand(pollId: string, options: readonly string[]): Promise<Tally | undefined> {
		const votes = await this.read(pollId);
		return votes.length > 0 ? tally(options, votes) : undefined;
	}

	private async read(pollId: string): Promise<Vote[]> {
		const name = nameOf(pollId);
		const sealed = await this.facts.get(name);
		if (!sealed) return [];
		return JSON.parse(Buffer.from(this.sealer.open(name, sealed)).toString('utf8')) as Vote[];
	}
}

function tally(options: readonly string[], votes: readonly Vote[]): Tally {
	const results = options.map((option) => {
		const voters = votes.filter((vote) => vote.options.includes(option)).map(({ voter }) => voter);
		return { option, votes: voters.length, voters };
	});
	return { results, voters: votes.filter((vote) => vote.options.length > 0).length };
}
