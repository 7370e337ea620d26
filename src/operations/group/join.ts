/** Get by Invite Link, Join, and Send Invite. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import { sameJid } from '../../wa/ids';
import { childOf } from '../../wa/nodes';
import { parseInviteCode } from '../../wa/recipient';
import { asked } from '../asked';
import { chatField, checkChat, readChat, resolvePeople } from '../chat';
import { badField, readText } from '../fields';
import { messageIdField, readMessageId } from '../message/target';
import { SENT } from '../message/sample';
import { query } from '../query';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { groupField, LINK_REFUSALS, readGroup, resolveGroup } from './field';
import { sendLink } from './invitation';
import { inviteCode } from './inviteLink';
import { ALL_GROUPS, node } from './query';
import { GROUP_ID } from './sample';
import { describeGroup, GROUP_SAMPLE } from './shape';

const linkField = (shown?: INodeProperties['displayOptions']): INodeProperties => ({
	displayName: 'Invite Link',
	name: 'link',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv',
	displayOptions: shown,
});

/** The code in a link, or a bare code. @throws LinkedError `bad-parameter` */
function readCode(context: IExecuteFunctions, item: number): string {
	const code = parseInviteCode(readText(context, item, 'link'));
	if (!code) {
		throw badField('Invite Link', 'it must begin with https://chat.whatsapp.com/ and be complete.');
	}
	return code;
}

export const getByInviteLink = defineOperation<{ code: string }>({
	resource: 'group',
	operation: 'getByInviteLink',
	name: 'Get by Invite Link',
	description: 'Look up which group an invite link leads to, without joining it',
	action: 'Get a group by its invite link',
	needs: 'socket',
	writes: false,
	fields: [linkField()],
	read: (context, item) => ({ code: readCode(context, item) }),
	async perform(owner, { code }) {
		const socket = await owner.socket();
		const found = await asked(socket.groupGetInviteInfo(code), LINK_REFUSALS);
		const { role: _role, isAdmin: _isAdmin, ...group } = await describeGroup(owner, found, true);
		return group;
	},
	sample: (({ role: _role, isAdmin: _isAdmin, ...group }) => group)(GROUP_SAMPLE),
});

type JoinParams = { code?: string; messageId?: string };

/** What joining is refused with beside invalid links. */
const JOIN_REFUSALS = {
	...LINK_REFUSALS,
	403: {
		code: 'not-allowed',
		detail: 'This number was removed from the group, or may not join it.',
	},
	419: 'group-full',
} as const;

export const join = defineOperation<JoinParams>({
	resource: 'group',
	operation: 'join',
	name: 'Join',
	description:
		'Join a group by its invite link, or by an invitation that somebody sent to this number',
	action: 'Join a group',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		{
			displayName: 'Join By',
			name: 'by',
			type: 'options',
			options: [
				{ name: 'Invite Link', value: 'link' },
				{
					name: 'Invitation Message',
					value: 'message',
					description: 'A personal invitation that was sent to this number',
				},
			],
			default: 'link',
		},
		linkField({ show: { by: ['link'] } }),
		{ ...messageIdField, displayOptions: { show: { by: ['message'] } } },
	],
	read: (context, item) =>
		context.getNodeParameter('by', item, 'link') === 'message'
			? { messageId: readMessageId(context, item) }
			: { code: readCode(context, item) },
	async perform(owner, { code = '', messageId }) {
		return messageId ? await accept(owner, messageId) : await joinByLink(owner, code);
	},
	sample: { group: GROUP_ID, status: 'joined' },
});

/** Who is in it already has nothing left to do. */
async function joinByLink(owner: Owner, code: string): Promise<JsonObject> {
	try {
		const answer = await query(
			owner,
			{
				to: ALL_GROUPS,
				xmlns: 'w:g2',
				type: 'set',
				content: [node('invite', { code })],
			},
			JOIN_REFUSALS,
		);
		const waiting = childOf(answer, 'membership_approval_request')?.attrs.jid;
		const group = waiting ?? childOf(answer, 'group')?.attrs.jid ?? null;
		return { group, status: waiting ? 'approvalNeeded' : 'joined' };
	} catch (error) {
		if (!(error instanceof LinkedError) || error.data.status !== 409) throw error;
		const { id } = await (await owner.socket()).groupGetInviteInfo(code);
		return { group: id, status: 'alreadyMember' };
	}
}

/** Accepts a personal invitation (GroupInviteMessage). */
async function accept(owner: Owner, messageId: string): Promise<JsonObject> {
	const found = await owner.findMessage(messageId);
	const invite = found?.message?.groupInviteMessage;
	if (!found || !invite?.groupJid || !invite.inviteCode) {
		throw new LinkedError('not-found', {
			detail: 'No invitation with this message ID was seen here lately.',
			data: { messageId },
		});
	}
	const admin = found.key.remoteJid ?? '';
	const expiration = String(invite.inviteExpiration ?? 0);
	const group = invite.groupJid;
	await query(
		owner,
		{
			to: group,
			xmlns: 'w:g2',
			type: 'set',
			content: [node('accept', { code: invite.inviteCode, expiration, admin })],
		},
		JOIN_REFUSALS,
	);
	return { group, status: 'joined' };
}

type SendParams = { group: string; chat: string; text: string };

export const sendInvite = defineOperation<SendParams>({
	resource: 'group',
	operation: 'sendInvite',
	name: 'Send Invite',
	description: 'Send a person the invite link of a group',
	action: 'Send an invite to a group',
	needs: 'socket',
	writes: true,
	fields: [
		groupField(),
		chatField({ displayName: 'To', name: 'to', description: 'Who is invited' }),
		{
			displayName: 'Text',
			name: 'text',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			placeholder: 'e.g. Come and sing with us',
			description: 'Written above the link',
		},
	],
	read: (context, item) => ({
		group: readGroup(context, item),
		chat: checkChat(readChat(context, item, 'to')),
		text: readText(context, item, 'text'),
	}),
	async perform(owner, { group: given, chat, text }) {
		const group = await resolveGroup(owner, given);
		const [to = ''] = await resolvePeople(owner, [chat]);
		const known = await owner.group(group);
		if (known?.participants.some(({ id }) => sameJid(id, to))) {
			throw new LinkedError('not-allowed', { detail: 'This person is in the group already.' });
		}
		const code = await inviteCode(owner, group);
		const sent = await sendLink(owner, to, { code, name: known?.subject ?? '', text });
		return { ...sent, group };
	},
	sample: { ...SENT, group: GROUP_ID },
});
