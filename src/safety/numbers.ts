/** The numbers that the credential can set, one by one. */
import type { Limits } from './types';

/** Numbers of the collection Limits: how they are named there, and what they set. */
export interface NumberField {
	name: string;
	label: string;
	description: string;
	/** Counts may be set to -1: no limit. */
	unlimited?: true;
	read(limits: Limits): number;
	write(limits: Limits, value: number): void;
}

const simple = (
	name: Exclude<keyof Limits, 'pause'>,
	label: string,
	description: string,
	unlimited?: true,
): NumberField => ({
	name,
	label,
	description,
	unlimited,
	read: (limits) => limits[name],
	write: (limits, value) => {
		limits[name] = value;
	},
});

const pause = (line: keyof Limits['pause'], label: string, description: string): NumberField => ({
	name: `pause${line[0]?.toUpperCase()}${line.slice(1)}`,
	label,
	description,
	read: (limits) => limits.pause[line],
	write: (limits, value) => {
		limits.pause = { ...limits.pause, [line]: value };
	},
});

const NONE = '0 allows none, -1 removes the limit';

/** In the order of the list in the credential, by label. */
export const NUMBER_FIELDS: readonly NumberField[] = [
	simple(
		'newPerDay',
		'New Conversations per Day',
		`How many people who do not know this number it may write to first in 24 hours; members of a shared group count half. ${NONE}.`,
		true,
	),
	simple('newPerHour', 'New Conversations per Hour', `The same for one hour. ${NONE}.`, true),
	pause(
		'reply',
		'Pause Between Answers (Seconds)',
		'Average pause before an answer to somebody who wrote within a day; varies by half',
	),
	pause(
		'known',
		'Pause Between Messages (Seconds)',
		'Average pause before other messages to people who know this number, and to groups',
	),
	pause(
		'new',
		'Pause Between New Conversations (Seconds)',
		'Average pause before a message to somebody who does not know this number',
	),
	simple(
		'rampSeconds',
		'Ramp After Reconnecting (Seconds)',
		'For how long pauses are longer after the connection was away; answers are not held up',
	),
	{
		...simple(
			'capReserve',
			"Reserve of WhatsApp's Cap (Percent)",
			'How much of the messages to new chats that WhatsApp allows in a cycle is left unused',
		),
		read: (limits) => limits.capReserve * 100,
		write: (limits, value) => {
			limits.capReserve = Math.min(100, value) / 100;
		},
	},
	simple(
		'refusedHours',
		'Rest After a Refusal (Hours)',
		'For how long somebody is left alone whom WhatsApp refused a message to (463); three times as long at each further refusal',
	),
	simple(
		'refusedPeople',
		'Refused People Before All Rests',
		'After refusals to so many different people within a day nothing new is begun',
	),
	simple(
		'sameText',
		'Same Content per Day',
		`How many people and groups may get the same content in 24 hours; answers do not count. ${NONE}.`,
		true,
	),
	simple(
		'typingMost',
		'Typing Time, at Most (Seconds)',
		'The longest time for which "typing…" is shown before a message',
	),
	simple(
		'typingSpeed',
		'Typing Speed (Characters per Second)',
		'How long "typing…" is shown before a message; 0 does not show it',
	),
	simple(
		'unansweredTotal',
		'Unanswered Messages in 30 Days',
		`How many messages in all may go to people who have never written to this number. ${NONE}.`,
		true,
	),
	simple(
		'unansweredPerPerson',
		'Unanswered Messages per Person',
		`How many messages somebody gets who has never written to this number. ${NONE}.`,
		true,
	),
	simple(
		'unansweredPerContact',
		'Unanswered Messages per Saved Contact',
		`The same for people in the address book of the phone. ${NONE}.`,
		true,
	),
	simple(
		'warmUpDays',
		'Warm-Up (Days)',
		'How many days after linking the limits for new conversations take to grow from 30 percent to the whole',
	),
];
