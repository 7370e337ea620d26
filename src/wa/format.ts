/**
 * Messages without media as WhatsApp's protocol wants them, checked first: each thing that can be
 * wrong has its own sentence. Shapes follow Baileys' generateWAMessageContent (lib/Utils/messages.js);
 * limits name their source.
 */
import type { proto } from '@whiskeysockets/baileys';

import { fail, ok, type Failure, type Result } from './result';
import { buildVcard, type NewContact } from './vcard';

export const LIMITS = {
	/** MAX_TXT_MSG_SIZE in WhatsApp Web's constants (as exported by wa-js). */
	text: 65_536,
	/** WhatsApp's help: polls have up to 12 options. */
	pollOptions: 12,
	/** Lengths that the poll dialogs of the apps allow (Green API documents them: 255 and 100). */
	pollQuestion: 255,
	pollOption: 100,
	/** (belief) What the event dialog of the apps allows. */
	eventName: 100,
	eventDescription: 2048,
	/** REACTION_CONTENT_MAX_LENGTH in WhatsApp Web's constants (as exported by wa-js). */
	reaction: 30,
	/** WhatsApp's help: live location lasts 15 minutes, 1 hour or 8 hours. */
	liveLocationMinutes: [15, 60, 480],
} as const;

const no = (detail: string): Failure => fail('bad-parameter', detail);

/** Length as WhatsApp counts: UTF-16 units, like the apps' input fields. */
const tooLong = (text: string, limit: number): string | null =>
	text.length > limit ? `${text.length} characters; WhatsApp allows ${limit}` : null;

/** A text message, kept as it is. */
export function checkText(text: string): Result<string> {
	if (text.trim() === '') return fail('empty-text', 'Only spaces are left when it is sent.');
	const long = tooLong(text, LIMITS.text);
	return long === null ? ok(text) : fail('text-too-long', `It has ${long}.`);
}

/** A reaction: exactly one emoji; empty takes the reaction back. */
export function checkReaction(emoji: string): Result<string> {
	const text = emoji.trim();
	if (text === '') return ok('');
	const graphemes = [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);
	// Symbols like ❤ count with and without the selector that makes them colourful.
	if (!graphemes.every((each) => EMOJI.test(each) || EMOJI.test(`${each}\ufe0f`))) {
		return no('A reaction is an emoji, not a text.');
	}
	if (graphemes.length > 1 || text.length > LIMITS.reaction) {
		return no('A reaction is exactly one emoji.');
	}
	return ok(text);
}

// As a text, because the compiler's target does not know the v flag that Node has.
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');

/** One contact, or several as one message. */
export function contactsMessage(contacts: readonly NewContact[]): Result<proto.IMessage> {
	const cards: proto.Message.IContactMessage[] = [];
	for (const contact of contacts) {
		const vcard = buildVcard(contact);
		if (!vcard.ok) return vcard;
		cards.push({ displayName: contact.name.trim(), vcard: vcard.value });
	}
	const [first] = cards;
	if (first === undefined) return no('No contact is given.');
	if (cards.length === 1) return ok({ contactMessage: first });
	return ok({
		contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards },
	});
}

export interface Place {
	latitude: number;
	longitude: number;
	name?: string;
	address?: string;
	url?: string;
}

export function locationMessage(place: Place): Result<proto.IMessage> {
	const problem = coordinatesProblem(place);
	if (problem) return problem;
	return ok({ locationMessage: locationNode(place) });
}

export interface LivePlace {
	latitude: number;
	longitude: number;
	caption?: string;
	/** Metres. */
	accuracy?: number;
	/** Metres a second. */
	speed?: number;
	/** Degrees clockwise from north. */
	heading?: number;
	/** Grows with every update of the same live location. */
	sequence?: number;
}

/**
 * A live location. Linked devices can send and update the message, but nothing on the phone keeps it
 * moving: later positions must be sent by the workflow (belief: as an edit with a higher sequence).
 */
export function liveLocationMessage(place: LivePlace): Result<proto.IMessage> {
	const problem = coordinatesProblem(place);
	if (problem) return problem;
	const checks: ReadonlyArray<readonly [string, number | undefined, number]> = [
		['accuracy', place.accuracy, 1e6],
		['speed', place.speed, 1e5],
		['heading', place.heading, 360],
	];
	for (const [name, value, most] of checks) {
		if (value !== undefined && !(value >= 0 && value <= most)) {
			return no(`The ${name} must be a number from 0 to ${most}.`);
		}
	}
	return ok({
		liveLocationMessage: {
			degreesLatitude: place.latitude,
			degreesLongitude: place.longitude,
			caption: place.caption?.trim() || undefined,
			accuracyInMeters: place.accuracy === undefined ? undefined : Math.round(place.accuracy),
			speedInMps: place.speed,
			degreesClockwiseFromMagneticNorth:
				place.heading === undefined ? undefined : Math.round(place.heading),
			sequenceNumber: place.sequence ?? 1,
		},
	});
}

export interface NewPoll {
	question: string;
	options: readonly string[];
	/** How many may be chosen: 1 is single choice, 0 any number. */
	selectable: number;
	/** The poll goes to the announcement group of a community. */
	announcement?: boolean;
}

/**
 * A poll. Votes are encrypted with the secret, so it must be kept with the message.
 * @param secret 32 random bytes.
 */
export function pollMessage(poll: NewPoll, secret: Uint8Array): Result<proto.IMessage> {
	const question = poll.question.trim();
	const options = poll.options.map((option) => option.trim());
	if (question === '') return no('The poll has no question.');
	const long = tooLong(question, LIMITS.pollQuestion);
	if (long !== null) return no(`The question of the poll has ${long}.`);
	if (options.length < 2) return no(`A poll needs at least 2 options; there is ${options.length}.`);
	if (options.length > LIMITS.pollOptions) {
		return no(`A poll has at most ${LIMITS.pollOptions} options; there are ${options.length}.`);
	}
	for (const [index, option] of options.entries()) {
		if (option === '') return no(`Option ${index + 1} of the poll is empty.`);
		const optionLong = tooLong(option, LIMITS.pollOption);
		if (optionLong !== null) return no(`Option ${index + 1} of the poll has ${optionLong}.`);
		// A vote names the hash of its option, so equal ones could not be told apart.
		const twin = options.indexOf(option);
		if (twin < index) return no(`Options ${twin + 1} and ${index + 1} of the poll are the same.`);
	}
	if (
		!Number.isInteger(poll.selectable) ||
		poll.selectable < 0 ||
		poll.selectable > options.length
	) {
		return no(
			`The number of options that may be chosen must be 0 (any) to ${options.length} here.`,
		);
	}
	const body: proto.Message.IPollCreationMessage = {
		name: question,
		options: options.map((optionName) => ({ optionName })),
		selectableOptionsCount: poll.selectable,
	};
	const messageContextInfo = { messageSecret: secret };
	// Which version of the field stands for which poll is Baileys' knowledge.
	if (poll.announcement) return ok({ messageContextInfo, pollCreationMessageV2: body });
	return poll.selectable === 1
		? ok({ messageContextInfo, pollCreationMessageV3: body })
		: ok({ messageContextInfo, pollCreationMessage: body });
}

export interface NewEvent {
	name: string;
	description?: string;
	start: Date;
	end?: Date;
	place?: Partial<Pick<Place, 'latitude' | 'longitude'>> & Omit<Place, 'latitude' | 'longitude'>;
	/** Link of a WhatsApp call (account.createCallLink). */
	joinLink?: string;
	extraGuestsAllowed?: boolean;
	cancelled?: boolean;
}

/**
 * A calendar event. Answers are encrypted with the secret, so it must be kept with the message.
 * @param secret 32 random bytes.
 */
export function eventMessage(event: NewEvent, secret: Uint8Array): Result<proto.IMessage> {
	const name = event.name.trim();
	const description = event.description?.trim() ?? '';
	if (name === '') return no('The event has no name.');
	const nameLong = tooLong(name, LIMITS.eventName);
	if (nameLong !== null) return no(`The name of the event has ${nameLong}.`);
	const long = tooLong(description, LIMITS.eventDescription);
	if (long !== null) return no(`The description of the event has ${long}.`);
	if (!isDate(event.start)) return no('The start of the event is not a date.');
	if (event.end !== undefined) {
		if (!isDate(event.end)) return no('The end of the event is not a date.');
		if (event.end <= event.start) return no('The event ends before it starts.');
	}
	const { place } = event;
	const hasCoordinates = place?.latitude !== undefined || place?.longitude !== undefined;
	if (place && hasCoordinates) {
		const problem = coordinatesProblem(place);
		if (problem) return problem;
	}
	if (event.joinLink !== undefined && !/^https:\/\/call\.whatsapp\.com\//.test(event.joinLink)) {
		return no('The link of the event is not a WhatsApp call link.');
	}
	return ok({
		messageContextInfo: { messageSecret: secret },
		eventMessage: {
			name,
			description: description || undefined,
			startTime: Math.floor(event.start.getTime() / 1000),
			endTime: event.end && Math.floor(event.end.getTime() / 1000),
			location: place && locationNode(place),
			joinLink: event.joinLink,
			isCanceled: event.cancelled ?? false,
			extraGuestsAllowed: event.extraGuestsAllowed ?? false,
			isScheduleCall: event.joinLink !== undefined,
		},
	});
}

function isDate(date: Date): boolean {
	const ms = date.getTime();
	return Number.isFinite(ms) && ms > 0;
}

function coordinatesProblem(place: { latitude?: number; longitude?: number }): Failure | null {
	const { latitude = NaN, longitude = NaN } = place;
	if (!(Math.abs(latitude) <= 90)) return no('The latitude must be a number from -90 to 90.');
	if (!(Math.abs(longitude) <= 180)) return no('The longitude must be a number from -180 to 180.');
	return null;
}

function locationNode(place: Partial<Place>): proto.Message.ILocationMessage {
	return {
		degreesLatitude: place.latitude,
		degreesLongitude: place.longitude,
		name: place.name?.trim() || undefined,
		address: place.address?.trim() || undefined,
		url: place.url?.trim() || undefined,
	};
}
