/** Questions to WhatsApp's server about one group (`w:g2`), and why it refuses. */
import type { BinaryNode } from '@whiskeysockets/baileys';
import { LinkedError } from '../../errors';
import { refusalOf, type Meaning } from '../asked';
import { query } from '../query';
import type { Owner } from '../types';
import { NO_GROUP } from './field';
import { ownRole } from './shape';

/** What is not about one group is asked here. */
export const ALL_GROUPS = '@g.us';

/**
 * @param meanings what numbers mean for this question, before the usual
 * @throws LinkedError `not-member`, `not-admin`, `not-found`, `rate-limited`, `no-answer`, ...
 */
export async function groupQuery(
	owner: Owner,
	group: string,
	type: 'get' | 'set',
	content: BinaryNode[],
	meanings: Readonly<Record<number, Meaning>> = {},
): Promise<BinaryNode> {
	return await explained(owner, group, meanings, async () =>
		query(
			owner,
			{ to: group, xmlns: 'w:g2', type, content },
			{ 404: NO_GROUP, 419: 'group-full', ...meanings },
		),
	);
}

/**
 * Does something with a group. The server says 401 or 403 to those who are no members, to those who
 * are no admins, and to admins whom something else forbids it (whatsmeow reads them differently from
 * question to question), so after such a refusal the group is looked at.
 */
export async function explained<T>(
	owner: Owner,
	group: string,
	meanings: Readonly<Record<number, Meaning>>,
	work: () => Promise<T>,
): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const status = error instanceof LinkedError ? error.data.status : undefined;
		const isOpen = (status === 401 || status === 403) && !meanings[status];
		if (!isOpen) throw error;
		throw (await reason(owner, group, Number(status))) ?? error;
	}
}

/** Why the server refuses something in a group, after 401, 403 or 404; undefined for another reason. */
export async function reason(
	owner: Pick<Owner, 'groups' | 'me'>,
	group: string,
	status: number,
): Promise<LinkedError | undefined> {
	try {
		const role = ownRole(owner, await owner.groups.get(group, true));
		if (role === null) return new LinkedError('not-member', { data: { status } });
		return role === 'member' ? new LinkedError('not-admin', { data: { status } }) : undefined;
	} catch (error) {
		const code = refusalOf(error);
		if (code === 401 || code === 403) return new LinkedError('not-member', { data: { status } });
		return code === 404 ? new LinkedError('not-found', { detail: NO_GROUP.detail }) : undefined;
	}
}

/** A node without content. */
export const node = (
	tag: string,
	attrs: Record<string, string> = {},
	content?: BinaryNode['content'],
): BinaryNode => (content === undefined ? { tag, attrs } : { tag, attrs, content });
