/** Invitations to a group: personal ones that work once, and messages with the group's link. */
import { LinkedError } from '../../errors';
import { deliverTo } from '../message/deliver';
import type { Owner, SendResult } from '../types';
import type { Outcome } from './results';

export const LINK_PREFIX = 'https://chat.whatsapp.com/';

/** What the server gives out for somebody who may not be added; it is for that person only. */
export interface PersonalInvite {
	code: string;
	/** Seconds since the epoch. */
	expiration: number;
}

interface Invitation {
	to: string;
	group: { id: string; name: string };
	invite: PersonalInvite;
	/** Shown below the invitation. */
	text: string;
	part: number;
}

/** Sends a personal invitation. What keeps it from being sent is said, not thrown: the rest is done. */
export async function sendPersonalInvite(owner: Owner, invitation: Invitation): Promise<Outcome> {
	const { to, group, invite, text, part } = invitation;
	const message = {
		groupInviteMessage: {
			groupJid: group.id,
			groupName: group.name,
			inviteCode: invite.code,
			inviteExpiration: invite.expiration,
			caption: text || undefined,
		},
	};
	try {
		await deliverTo(owner, to, { message, part });
		return { status: 'invited', reason: null, code: 403 };
	} catch (error) {
		const { message: said, code } = LinkedError.from(error);
		if (code === 'lease-lost' || code === 'closing') throw error;
		return { status: 'inviteFailed', reason: said, code: 403 };
	}
}

/** Sends the group's link with the preview that the apps show for it. */
export async function sendLink(
	owner: Owner,
	to: string,
	{ code, name, text }: { code: string; name: string; text: string },
): Promise<SendResult> {
	const link = LINK_PREFIX + code;
	const written = text.includes(link) ? text : text ? `${text}\n${link}` : link;
	const message = {
		extendedTextMessage: {
			text: written,
			matchedText: link,
			title: name,
			description: 'WhatsApp Group Invite',
		},
	};
	return await deliverTo(owner, to, { message });
}
