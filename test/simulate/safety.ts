/** `npm run simulate -- safety`: thirty days of three users, with a bare client and with ours. */
import { month, type Outcome } from './month';
import { USERS } from './users';

const CLIENTS = ['bare', 'careful', 'balanced', 'off'] as const;

const share = (part: number, whole: number) =>
	whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

function line(outcome: Outcome): string {
	const { restrictedAfter, wanted, delivered, replies, repliesDelivered, repliesLate } = outcome;
	return [
		outcome.user.padEnd(14),
		outcome.client.padEnd(15),
		(restrictedAfter === null ? 'never' : `day ${restrictedAfter.toFixed(1)}`).padEnd(11),
		`${delivered} of ${wanted} (${share(delivered, wanted)})`.padEnd(26),
		`${repliesDelivered} of ${replies} (${share(repliesDelivered, replies)})`.padEnd(26),
		String(repliesLate),
	].join('  ');
}

export async function run(): Promise<void> {
	const started = performance.now();
	console.log(
		[
			...['user'.padEnd(14), 'client'.padEnd(15), 'restricted'.padEnd(11)],
			...['delivered of wanted'.padEnd(26), 'answers delivered'.padEnd(26), 'late (> 60 s)'],
		].join('  '),
	);
	for (const user of USERS) {
		for (const client of CLIENTS) console.log(line(await month(user, client)));
	}
	console.log(`\nIt took ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
}
