/** Why a group or a channel did not take a message: the server's bare number, in words. */
import { LinkedError } from '../errors';
import { refusalOf } from '../operations/asked';
import { reason } from '../operations/group/query';
import type { Owner } from '../operations/types';
import { isGroup, isNewsletter } from '../wa/ids';

const ABOUT_MEMBERS: ReadonlySet<unknown> = new Set([401, 403, 404]);

/**
 * The number comes with the ack, or from the question for the members that Baileys asks before it
 * sends to a group that nothing is known of.
 */
export async function sayWhy<T>(
	owner: Pick<Owner, 'groups' | 'me'>,
	to: string,
	work: () => Promise<T>,
): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const known = LinkedError.from(error);
		const status = known.code === 'rejected' ? known.data.status : refusalOf(known.cause);
		if (!ABOUT_MEMBERS.has(status)) throw error;
		if (isNewsletter(to)) throw ofChannel(Number(status));
		if (!isGroup(to)) throw error;
		throw (await reason(owner, to, Number(status))) ?? error;
	}
}

const ofChannel = (status: number): LinkedError =>
	status === 404
		? new LinkedError('not-found', { detail: 'There is no such channel or post (any more).' })
		: new LinkedError('not-allowed', {
				detail: 'Only the owner and the admins of a channel post in it.',
				data: { status },
			});
