/** The Group field, and how what was picked or typed becomes the id of a group. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import { parseRecipient } from '../../wa/recipient';
import { asked } from '../asked';
import { asText } from '../fields';
import { locatorField, pickOrType } from '../locator';
import type { Owner } from '../types';

/** A resource locator: pick a group from the list, or type its id or invite link. */
export const groupField = (options: Partial<INodeProperties> = {}): INodeProperties =>
	locatorField(
		'Group',
		'group',
		pickOrType('searchGroups', {
			displayName: 'ID or Invite Link',
			placeholder: 'e.g. 120363000000000001@g.us',
			hint: 'An ID that ends with @g.us, or a link that begins with https://chat.whatsapp.com/',
		}),
		options,
	);

/** What the field holds for this item. @throws LinkedError `bad-recipient` for what is no group */
export function readGroup(context: IExecuteFunctions, item: number, name = 'group'): string {
	const text = asText(context.getNodeParameter(name, item, '', { extractValue: true })).trim();
	// Ids of groups, which only groups have, without what they end with.
	const given = /^(?:1203\d{11,16}|\d{8,15}-\d{10})$/.test(text) ? `${text}@g.us` : text;
	parseGroup(given);
	return given;
}

function parseGroup(text: string): { jid: string } | { code: string } {
	const parsed = parseRecipient(text);
	if (!parsed.ok) throw new LinkedError('bad-recipient', { detail: parsed.detail });
	const { value } = parsed;
	if (value.kind === 'group') return { jid: value.jid };
	if (value.kind === 'invite') return { code: value.code };
	throw new LinkedError('bad-recipient', {
		detail: 'This is not a group: the ID of a group ends with @g.us.',
	});
}

/** The group's id; WhatsApp is asked only for invite links. @throws LinkedError `link-invalid` */
export async function resolveGroup(owner: Owner, text: string): Promise<string> {
	const group = parseGroup(text);
	if ('jid' in group) return group.jid;
	const socket = await owner.socket();
	const info = await asked(socket.groupGetInviteInfo(group.code), LINK_REFUSALS);
	return info.id;
}

/** What the server says of invite links that lead nowhere: 406 never did, 410 revoked (whatsmeow). */
export const LINK_REFUSALS = {
	400: 'link-invalid',
	401: 'link-invalid',
	404: 'link-invalid',
	406: 'link-invalid',
	410: { code: 'link-invalid', detail: 'It was revoked.' },
} as const;

export const NO_GROUP = {
	code: 'not-found',
	detail: 'There is no such group (any more).',
} as const;

/** What the server's refusals mean for questions about one group. */
export const GROUP_REFUSALS = { 401: 'not-member', 403: 'not-member', 404: NO_GROUP } as const;
