import { eventMessage } from '../../wa/format';
import { chatField, checkChat, readChat } from '../chat';
import { asDate, asNumber, asText, must, readCollection, readText } from '../fields';
import { defineOperation } from '../types';
import { deliver, messageSecret } from './deliver';
import { optionsField, readOptions, timeoutWith, type SendOptions } from './options';
import { SENT } from './sample';

type Params = {
	chat: string;
	name: string;
	/** Milliseconds since the epoch. */
	start: number;
	end?: number;
	description?: string;
	place?: { name?: string; address?: string; latitude?: number; longitude?: number };
	joinLink?: string;
	guests: boolean;
	options: SendOptions;
};

const build = (
	{ name, start, end, description, place, joinLink, guests }: Params,
	secret: Uint8Array,
) =>
	must(
		eventMessage(
			{
				name,
				start: new Date(start),
				end: end === undefined ? undefined : new Date(end),
				description,
				place,
				joinLink,
				extraGuestsAllowed: guests,
			},
			secret,
		),
	);

export const sendEvent = defineOperation<Params>({
	resource: 'message',
	operation: 'sendEvent',
	name: 'Send Event',
	description: 'Send a calendar event that people can answer',
	action: 'Send an event',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: timeoutWith,
	fields: [
		chatField(),
		{
			displayName: 'Event Name',
			name: 'name',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Team lunch',
		},
		{ displayName: 'Start', name: 'start', type: 'dateTime', default: '', required: true },
		optionsField([
			{
				displayName: 'Call Link',
				name: 'joinLink',
				type: 'string',
				default: '',
				placeholder: 'e.g. https://call.whatsapp.com/video/...',
			},
			{ displayName: 'Description', name: 'description', type: 'string', default: '' },
			{ displayName: 'End', name: 'end', type: 'dateTime', default: '' },
			{
				displayName: 'Guests Allowed',
				name: 'guests',
				type: 'boolean',
				default: false,
				description: 'Whether people may bring guests',
			},
			{ displayName: 'Place Address', name: 'address', type: 'string', default: '' },
			{
				displayName: 'Place Latitude',
				name: 'latitude',
				type: 'number',
				typeOptions: { numberPrecision: 7 },
				default: 0,
			},
			{
				displayName: 'Place Longitude',
				name: 'longitude',
				type: 'number',
				typeOptions: { numberPrecision: 7 },
				default: 0,
			},
			{ displayName: 'Place Name', name: 'placeName', type: 'string', default: '' },
		]),
	],
	read(context, item) {
		const given = readCollection(context, item, 'options');
		const number = (name: string, label: string) =>
			given[name] === undefined ? undefined : asNumber(given[name], label);
		const place = {
			name: asText(given.placeName) || undefined,
			address: asText(given.address) || undefined,
			latitude: number('latitude', 'Place Latitude'),
			longitude: number('longitude', 'Place Longitude'),
		};
		const hasPlace = Object.values(place).some((value) => value !== undefined);
		const params: Params = {
			chat: checkChat(readChat(context, item)),
			name: readText(context, item, 'name'),
			start: asDate(context.getNodeParameter('start', item), 'Start').getTime(),
			end: given.end ? asDate(given.end, 'End').getTime() : undefined,
			description: asText(given.description) || undefined,
			place: hasPlace ? place : undefined,
			joinLink: asText(given.joinLink).trim() || undefined,
			guests: given.guests === true,
			options: readOptions(context, item),
		};
		build(params, new Uint8Array(32));
		return params;
	},
	async perform(owner, params) {
		const message = build(params, await messageSecret(owner));
		return await deliver(owner, { chat: params.chat, message, options: params.options });
	},
	sample: SENT,
});
