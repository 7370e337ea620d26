/** The Channel field, and how what was picked or typed becomes the id of a channel. */
import type { IExecuteFunctions } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import { parseRecipient } from '../../wa/recipient';
import { asText } from '../fields';
import { locatorField, pickOrType } from '../locator';
import type { JsonObject, Owner } from '../types';
import { mex } from './mex';
import { describeChannel } from './shape';

/** A resource locator: pick a channel from the list, or give its id or link. */
export const channelField = locatorField(
	'Channel',
	'channel',
	pickOrType('searchChannels', {
		displayName: 'ID or Link',
		placeholder: 'e.g. https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp',
		hint: 'An ID that ends with @newsletter, or a link that begins with https://whatsapp.com/channel/',
	}),
);

/** @throws LinkedError `bad-recipient` for what is no channel */
export function readChannel(context: IExecuteFunctions, item: number): string {
	const text = asText(context.getNodeParameter('channel', item, '', { extractValue: true })).trim();
	parseChannel(text);
	return text;
}

function parseChannel(text: string): { key: string; type: 'JID' | 'INVITE' } {
	const parsed = parseRecipient(text);
	if (!parsed.ok) throw new LinkedError('bad-recipient', { detail: parsed.detail });
	const { value } = parsed;
	if (value.kind === 'newsletter') return { key: value.jid, type: 'JID' };
	if (value.kind === 'channelInvite') return { key: value.code, type: 'INVITE' };
	throw new LinkedError('bad-recipient', {
		detail: 'This is not a channel: the ID of a channel ends with @newsletter.',
	});
}

/** What is known of the channel. @throws LinkedError `not-found` */
export async function lookUpChannel(owner: Owner, text: string): Promise<JsonObject> {
	const found = await mex(owner, 'get', {
		fetch_creation_time: true,
		fetch_full_image: true,
		fetch_viewer_metadata: true,
		input: parseChannel(text),
	});
	return describeChannel(found);
}

/** The channel's id; WhatsApp is asked only for links. @throws LinkedError `not-found` */
export async function resolveChannel(owner: Owner, text: string): Promise<string> {
	const { key, type } = parseChannel(text);
	return type === 'JID' ? key : String((await lookUpChannel(owner, text)).id);
}
