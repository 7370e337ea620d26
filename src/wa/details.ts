/** The parts of a message's content that only some kinds have. */
import type { proto } from '@whiskeysockets/baileys';

import { userJid } from './ids';
import { count, enumName, flag, isoTime, list, num, str } from './read';
import type {
	CalendarEvent,
	ContactCard,
	LinkPreview,
	Location,
	MessageContent,
	MessageRef,
	Poll,
} from './types';
import { parseVcard } from './vcard';

type Maybe<T> = T | null | undefined;

/** The message that a reaction, edit, deletion, pin or vote is about. */
export function targetOf(key: Maybe<proto.IMessageKey>): MessageRef | undefined {
	const id = str(key?.id);
	if (id === null) return undefined;
	return {
		id,
		chat: userJid(key?.remoteJid),
		from: userJid(key?.participant),
		fromMe: flag(key?.fromMe),
	};
}

export function linkOf(text: Maybe<proto.Message.IExtendedTextMessage>): LinkPreview | undefined {
	const url = str(text?.matchedText);
	const title = str(text?.title);
	const description = str(text?.description);
	return url === null && title === null ? undefined : { url, title, description };
}

export function locationOf(
	place: Maybe<proto.Message.ILocationMessage & proto.Message.ILiveLocationMessage>,
	live = false,
): Location | undefined {
	const latitude = num(place?.degreesLatitude);
	const longitude = num(place?.degreesLongitude);
	if (latitude === null || longitude === null) return undefined;
	return {
		latitude,
		longitude,
		name: str(place?.name),
		address: str(place?.address),
		url: str(place?.url),
		accuracy: count(place?.accuracyInMeters),
		speed: count(place?.speedInMps),
		heading: count(place?.degreesClockwiseFromMagneticNorth),
		live: live || flag(place?.isLive),
	};
}

export function contactsOf(
	cards: ReadonlyArray<Maybe<proto.Message.IContactMessage>>,
): ContactCard[] {
	return cards.map((card) => {
		const parsed = parseVcard(str(card?.vcard) ?? '');
		return { ...parsed, name: parsed.name ?? str(card?.displayName) };
	});
}

export function pollOf(message: proto.IMessage): Poll | undefined {
	const poll =
		message.pollCreationMessage ??
		message.pollCreationMessageV2 ??
		message.pollCreationMessageV3 ??
		message.pollCreationMessageV5;
	if (poll) {
		const answer = str(poll.correctAnswer?.optionName);
		return {
			question: str(poll.name),
			options: list(poll.options).map((option) => str(option?.optionName) ?? ''),
			selectable: count(poll.selectableOptionsCount) ?? 0,
			...(answer === null ? {} : { correctAnswer: answer }),
		};
	}
	const result = message.pollResultSnapshotMessage ?? message.pollResultSnapshotMessageV3;
	if (!result) return undefined;
	const votes = list(result.pollVotes).map((vote) => ({
		option: str(vote?.optionName) ?? '',
		count: count(vote?.optionVoteCount),
	}));
	return {
		question: str(result.name),
		options: votes.map(({ option }) => option),
		selectable: 0,
		votes,
	};
}

export function calendarEventOf(
	event: Maybe<proto.Message.IEventMessage>,
): CalendarEvent | undefined {
	if (!event) return undefined;
	return {
		name: str(event.name),
		description: str(event.description),
		start: isoTime(event.startTime, 'seconds'),
		end: isoTime(event.endTime, 'seconds'),
		location: locationOf(event.location) ?? null,
		joinLink: str(event.joinLink),
		cancelled: flag(event.isCanceled),
		extraGuestsAllowed: flag(event.extraGuestsAllowed),
	};
}

const OUTCOMES = {
	0: 'connected',
	1: 'missed',
	2: 'failed',
	3: 'rejected',
	4: 'acceptedElsewhere',
	5: 'ongoing',
	6: 'silencedByDoNotDisturb',
	7: 'silencedUnknownCaller',
} as const;

export function callOf(message: proto.IMessage): MessageContent['call'] {
	const log = message.callLogMesssage;
	if (log) {
		return {
			video: flag(log.isVideo),
			outcome: enumName(OUTCOMES, log.callOutcome),
			seconds: count(log.durationSecs),
			at: null,
			cancelled: false,
		};
	}
	const planned = message.scheduledCallCreationMessage;
	const changed = message.scheduledCallEditMessage;
	if (!planned && !changed && !message.call && !message.bcallMessage) return undefined;
	return {
		video: planned?.callType === 2 || message.bcallMessage?.mediaType === 2,
		outcome: null,
		seconds: null,
		at: isoTime(planned?.scheduledTimestampMs, 'milliseconds'),
		cancelled: changed?.editType === 1,
	};
}

export function productOf(
	product: Maybe<proto.Message.IProductMessage>,
): MessageContent['product'] {
	if (!product) return undefined;
	const { product: item, catalog } = product;
	return {
		id: str(item?.productId),
		title: str(item?.title) ?? str(catalog?.title),
		description: str(item?.description) ?? str(catalog?.description),
		currency: str(item?.currencyCode),
		price: money(item?.salePriceAmount1000) ?? money(item?.priceAmount1000),
		seller: userJid(product.businessOwnerJid),
		url: str(item?.url),
	};
}

export function orderOf(order: Maybe<proto.Message.IOrderMessage>): MessageContent['order'] {
	if (!order) return undefined;
	return {
		id: str(order.orderId),
		title: str(order.orderTitle),
		items: count(order.itemCount),
		currency: str(order.totalCurrencyCode),
		total: money(order.totalAmount1000),
		seller: userJid(order.sellerJid),
	};
}

export function paymentOf(message: proto.IMessage): MessageContent['payment'] {
	const request = message.requestPaymentMessage;
	if (request) {
		return {
			currency: str(request.currencyCodeIso4217),
			amount: money(request.amount1000),
			step: 'requested',
		};
	}
	const steps: ReadonlyArray<readonly [unknown, string]> = [
		[message.sendPaymentMessage, 'sent'],
		[message.declinePaymentRequestMessage, 'declined'],
		[message.cancelPaymentRequestMessage, 'cancelled'],
		[message.paymentInviteMessage, 'invited'],
		[message.invoiceMessage, 'invoice'],
	];
	const step = steps.find(([of]) => of)?.[1];
	return step === undefined ? undefined : { currency: null, amount: null, step };
}

export function inviteOf(message: proto.IMessage): MessageContent['invite'] {
	const group = message.groupInviteMessage;
	if (group) {
		return {
			id: userJid(group.groupJid),
			name: str(group.groupName),
			code: str(group.inviteCode),
			expires: isoTime(group.inviteExpiration, 'seconds'),
		};
	}
	const admin = message.newsletterAdminInviteMessage;
	const channel = admin ?? message.newsletterFollowerInviteMessageV2;
	if (!channel) return undefined;
	return {
		id: userJid(channel.newsletterJid),
		name: str(channel.newsletterName),
		code: null,
		expires: isoTime(admin?.inviteExpiration, 'seconds'),
	};
}

/** Amounts come in thousandths of the currency's unit. */
function money(amount1000: unknown): number | null {
	const amount = num(amount1000);
	return amount === null ? null : amount / 1000;
}
