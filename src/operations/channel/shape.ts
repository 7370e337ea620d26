/** What is known of a channel, as JSON. */
import { LinkedError } from '../../errors';
import { iso } from '../group/shape';
import type { JsonObject } from '../types';

export const LINK_PREFIX = 'https://whatsapp.com/channel/';
const MEDIA_HOST = 'https://mmg.whatsapp.net';

/** As the server describes it; whatsmeow's NewsletterMetadata names the same. */
interface Described {
	id?: unknown;
	state?: { type?: unknown } | null;
	thread_metadata?: {
		name?: { text?: unknown } | null;
		description?: { text?: unknown } | null;
		invite?: unknown;
		handle?: unknown;
		creation_time?: unknown;
		subscribers_count?: unknown;
		verification?: unknown;
		picture?: { direct_path?: unknown } | null;
		preview?: { direct_path?: unknown } | null;
	} | null;
	viewer_metadata?: { role?: unknown; mute?: unknown } | null;
}

const text = (value: unknown): string | null =>
	typeof value === 'string' && value !== '' ? value : null;
const word = (value: unknown): string | null => text(value)?.toLowerCase() ?? null;

/** @throws LinkedError `not-found` when nothing was described */
export function describeChannel(given: unknown): JsonObject {
	const {
		id,
		state,
		thread_metadata: thread,
		viewer_metadata: viewer,
	} = (given ?? {}) as Described;
	if (!text(id)) {
		throw new LinkedError('not-found', { detail: 'There is no such channel (any more).' });
	}
	const code = text(thread?.invite);
	const picture = text(thread?.picture?.direct_path) ?? text(thread?.preview?.direct_path);
	const followers = Number(thread?.subscribers_count);
	return {
		id: text(id),
		name: text(thread?.name?.text),
		description: text(thread?.description?.text),
		link: code ? LINK_PREFIX + code : null,
		followers: Number.isFinite(followers) ? followers : null,
		verified: word(thread?.verification) === 'verified',
		state: word(state?.type),
		created: iso(text(thread?.creation_time) ?? undefined),
		picture: picture ? MEDIA_HOST + picture : null,
		role: word(viewer?.role),
		muted: viewer ? word(viewer.mute) === 'on' : null,
	};
}

export const CHANNEL_ID = '120363300000000001@newsletter';

export const CHANNEL_SAMPLE = {
	id: CHANNEL_ID,
	name: 'City News',
	description: 'What happens in town',
	link: 'https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp',
	followers: 1_204,
	verified: false,
	state: 'active',
	created: '2025-01-05T18:00:00.000Z',
	picture: 'https://mmg.whatsapp.net/m1/v/t24/abc',
	role: 'subscriber',
	muted: false,
};
