import type { Resource } from '../types';
import { create } from './create';
import { deleteForMe } from './deleteForMe';
import { get } from './get';
import { getCommon } from './getCommon';
import { getMany } from './getMany';
import { getParticipants } from './getParticipants';
import { getInviteLink, revokeInviteLink } from './inviteLink';
import { getByInviteLink, join, sendInvite } from './join';
import { approveJoinRequests, getJoinRequests, rejectJoinRequests } from './joinRequests';
import { leave } from './leave';
import { setMemberTag } from './memberTag';
import {
	addParticipants,
	demoteParticipants,
	promoteParticipants,
	removeParticipants,
} from './participants';
import { removeGroupPicture, setGroupPicture } from './picture';
import { updateSettings } from './settings';
import { updateDescription, updateName } from './update';

export const group: Resource = {
	value: 'group',
	name: 'Group',
	default: 'getMany',
	operations: [
		get,
		getCommon,
		getMany,
		getParticipants,
		create,
		addParticipants,
		removeParticipants,
		promoteParticipants,
		demoteParticipants,
		updateName,
		updateDescription,
		setGroupPicture,
		removeGroupPicture,
		updateSettings,
		getInviteLink,
		revokeInviteLink,
		getByInviteLink,
		join,
		sendInvite,
		getJoinRequests,
		approveJoinRequests,
		rejectJoinRequests,
		setMemberTag,
		leave,
		deleteForMe,
	],
};
