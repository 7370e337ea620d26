/** Whether somebody is in a group that this number is in, too. */
import type { GroupMetadata } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { within } from '../inbound/within';

/** For the list of groups. */
const PATIENCE_MS = 3_000;

/** False also when it cannot be told soon. @param listing the groups of this number */
export async function sharesGroup(
	listing: Promise<GroupMetadata[]>,
	addresses: readonly string[],
	clock: Clock,
): Promise<boolean> {
	const groups = await within(
		clock,
		PATIENCE_MS,
		listing.catch(() => []),
	);
	return (groups ?? []).some(({ participants }) =>
		participants.some(({ id, lid, phoneNumber }) =>
			[id, lid, phoneNumber].some((each) => each !== undefined && addresses.includes(each)),
		),
	);
}
