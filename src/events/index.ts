/** All events in the order of the trigger's list. */
import { accountConnected } from './accountConnected';
import { accountDisconnected } from './accountDisconnected';
import { accountHistorySync } from './accountHistorySync';
import { accountLoggedOut } from './accountLoggedOut';
import { accountReplaced } from './accountReplaced';
import { accountRestricted } from './accountRestricted';
import { accountWarning } from './accountWarning';
import { callEnded } from './callEnded';
import { callMissed } from './callMissed';
import { callOffered } from './callOffered';
import { channelMessage } from './channelMessage';
import { chatArchived } from './chatArchived';
import { chatMarked } from './chatMarked';
import { chatMuted } from './chatMuted';
import { chatPinned } from './chatPinned';
import { chatSettingsChanged } from './chatSettingsChanged';
import { contactChanged } from './contactChanged';
import { eventAnswered } from './eventAnswered';
import { groupCreated } from './groupCreated';
import { groupDescriptionChanged } from './groupDescriptionChanged';
import { groupInviteRevoked } from './groupInviteRevoked';
import { groupJoined } from './groupJoined';
import { groupJoinRequested } from './groupJoinRequested';
import { groupLeft } from './groupLeft';
import { groupNameChanged } from './groupNameChanged';
import { groupParticipantsAdded } from './groupParticipantsAdded';
import { groupParticipantsDemoted } from './groupParticipantsDemoted';
import { groupParticipantsPromoted } from './groupParticipantsPromoted';
import { groupParticipantsRemoved } from './groupParticipantsRemoved';
import { groupPictureChanged } from './groupPictureChanged';
import { groupSettingsChanged } from './groupSettingsChanged';
import { labelChanged } from './labelChanged';
import { messageDeleted } from './messageDeleted';
import { messageDeletedForMe } from './messageDeletedForMe';
import { messageDelivered } from './messageDelivered';
import { messageEdited } from './messageEdited';
import { messageFailed } from './messageFailed';
import { messagePinned } from './messagePinned';
import { messagePlayed } from './messagePlayed';
import { messageRead } from './messageRead';
import { messageReceived } from './messageReceived';
import { messageSent } from './messageSent';
import { messageUndecryptable } from './messageUndecryptable';
import { pollVoted } from './pollVoted';
import { presenceChanged } from './presenceChanged';
import { reactionAdded } from './reactionAdded';
import { reactionRemoved } from './reactionRemoved';
import { statusPosted } from './statusPosted';
import { triggerInterrupted } from './triggerInterrupted';
import type { EventDefinition } from './types';

export const EVENTS: readonly EventDefinition[] = [
	messageReceived,
	messageSent,
	messageEdited,
	messageDeleted,
	messageDeletedForMe,
	messagePinned,
	messageFailed,
	messageUndecryptable,
	reactionAdded,
	reactionRemoved,
	pollVoted,
	eventAnswered,
	messageDelivered,
	messageRead,
	messagePlayed,
	statusPosted,
	channelMessage,
	groupCreated,
	groupJoined,
	groupLeft,
	groupParticipantsAdded,
	groupParticipantsRemoved,
	groupParticipantsPromoted,
	groupParticipantsDemoted,
	groupNameChanged,
	groupDescriptionChanged,
	groupPictureChanged,
	groupSettingsChanged,
	groupJoinRequested,
	groupInviteRevoked,
	chatArchived,
	chatMuted,
	chatPinned,
	chatMarked,
	chatSettingsChanged,
	contactChanged,
	presenceChanged,
	callOffered,
	callMissed,
	callEnded,
	labelChanged,
	accountConnected,
	accountDisconnected,
	accountLoggedOut,
	accountReplaced,
	accountRestricted,
	accountWarning,
	accountHistorySync,
	triggerInterrupted,
];

const BY_NAME = new Map(EVENTS.map((definition) => [definition.name, definition]));

/** The definition of an event, or undefined. */
export function findEvent(name: string): EventDefinition | undefined {
	return BY_NAME.get(name);
}

export {
	parseAddress,
	parseTime,
	wants,
	type EventFilter,
	type Place,
	type QuietTime,
} from './filter';
export { compilePattern, type Pattern } from './pattern';
export type {
	EventDefinition,
	Happenings,
	LinkedEvent,
	Normalised,
	NormaliseContext,
	Person,
} from './types';
