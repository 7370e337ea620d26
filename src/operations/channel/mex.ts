/** Channels are asked for and changed by GraphQL (`w:mex`), by the ids that WhatsApp gave its queries. */
import { LinkedError, type ErrorCode } from '../../errors';
import { bytesOf, childOf } from '../../wa/nodes';
import { query } from '../query';
import type { Owner } from '../types';

interface Known {
	id: string;
	/** Where the answer is in the data. */
	path: string;
	changes?: boolean;
}

/** Baileys' QueryIds and XWAPaths (7.0.0-rc14); the list is whatsmeow's. Its wrappers read less well. */
export const QUERIES = {
	get: { id: '6563316087068696', path: 'xwa2_newsletter' },
	list: { id: '6388546374527196', path: 'xwa2_newsletter_subscribed' },
	create: { id: '8823471724422422', path: 'xwa2_newsletter_create', changes: true },
	update: { id: '24250201037901610', path: 'xwa2_newsletter_update', changes: true },
	follow: { id: '24404358912487870', path: 'xwa2_newsletter_join_v2', changes: true },
	unfollow: { id: '9767147403369991', path: 'xwa2_newsletter_leave_v2', changes: true },
	mute: { id: '29766401636284406', path: 'xwa2_newsletter_mute_v2', changes: true },
	unmute: { id: '9864994326891137', path: 'xwa2_newsletter_unmute_v2', changes: true },
	delete: { id: '30062808666639665', path: 'xwa2_newsletter_delete_v2', changes: true },
} as const satisfies Record<string, Known>;

const MEANINGS: Readonly<Record<number, { code: ErrorCode; detail?: string }>> = {
	401: { code: 'not-allowed', detail: 'Only the owner and the admins of the channel may do this.' },
	403: { code: 'not-allowed', detail: 'Only the owner and the admins of the channel may do this.' },
	404: { code: 'not-found', detail: 'There is no such channel (any more).' },
	405: { code: 'not-allowed', detail: 'The owner of a channel can neither follow nor leave it.' },
	410: { code: 'not-found', detail: 'The channel was deleted.' },
	429: { code: 'rate-limited' },
};

/**
 * The answer under the query's path; null when there is none.
 * @throws LinkedError `not-found`, `not-allowed`, `rate-limited`, `rejected`, `no-answer`
 */
export async function mex(
	owner: Owner,
	name: keyof typeof QUERIES,
	variables: object,
): Promise<unknown> {
	const { id, path, changes }: Known = QUERIES[name];
	const answer = await query(owner, {
		to: 's.whatsapp.net',
		xmlns: 'w:mex',
		type: 'get',
		changes,
		content: [
			{
				tag: 'query',
				attrs: { query_id: id },
				content: Buffer.from(JSON.stringify({ variables }), 'utf8'),
			},
		],
	});
	const { data, errors } = read(bytesOf(childOf(answer, 'result')));
	const [error] = errors;
	if (error) throw refusal(Number(error.extensions?.error_code) || 400);
	return data[path] ?? null;
}

interface Answer {
	data: Record<string, unknown>;
	errors: Array<{ extensions?: { error_code?: unknown } }>;
}

function read(bytes: Uint8Array | undefined): Answer {
	try {
		const json = JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) as Partial<Answer>;
		return { data: json.data ?? {}, errors: json.errors ?? [] };
	} catch (cause) {
		throw new LinkedError('unexpected', { detail: 'The answer cannot be read.', cause });
	}
}

function refusal(status: number): LinkedError {
	const known = MEANINGS[status];
	return new LinkedError(known?.code ?? 'rejected', {
		detail: known ? known.detail : `It answered ${status}.`,
		data: { status },
	});
}
