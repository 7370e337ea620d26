import type { INodeProperties } from 'n8n-workflow';
import { liveLocationMessage, locationMessage, type LivePlace, type Place } from '../../wa/format';
import { chatField, checkChat, readChat } from '../chat';
import { asNumber, asText, must, readCollection, readText } from '../fields';
import { defineOperation } from '../types';
import { deliver } from './deliver';
import { optionsField, readOptions, timeoutWith, type SendOptions } from './options';
import { SENT } from './sample';

type Params = {
	chat: string;
	place: Place & { [key: string]: string | number | undefined };
	options: SendOptions;
};
type LiveParams = {
	chat: string;
	place: LivePlace & { [key: string]: string | number | undefined };
	options: SendOptions;
};

const coordinates: INodeProperties[] = [
	{
		displayName: 'Latitude',
		name: 'latitude',
		type: 'number',
		typeOptions: { minValue: -90, maxValue: 90, numberPrecision: 7 },
		default: 0,
		required: true,
		placeholder: 'e.g. 52.5163',
	},
	{
		displayName: 'Longitude',
		name: 'longitude',
		type: 'number',
		typeOptions: { minValue: -180, maxValue: 180, numberPrecision: 7 },
		default: 0,
		required: true,
		placeholder: 'e.g. 13.3777',
	},
];

const readCoordinates = (...[context, item]: Parameters<typeof readChat>) => ({
	latitude: asNumber(context.getNodeParameter('latitude', item), 'Latitude'),
	longitude: asNumber(context.getNodeParameter('longitude', item), 'Longitude'),
});

export const sendLocation = defineOperation<Params>({
	resource: 'message',
	operation: 'sendLocation',
	name: 'Send Location',
	description: 'Send a place on the map',
	action: 'Send a location',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: timeoutWith,
	fields: [
		chatField(),
		...coordinates,
		optionsField([
			{ displayName: 'Place Name', name: 'name', type: 'string', default: '' },
			{ displayName: 'Place Address', name: 'address', type: 'string', default: '' },
			{
				displayName: 'Place Website',
				name: 'url',
				type: 'string',
				default: '',
				placeholder: 'e.g. https://example.com',
			},
		]),
	],
	read(context, item) {
		const { name, address, url } = readCollection(context, item, 'options');
		const place = {
			...readCoordinates(context, item),
			name: asText(name) || undefined,
			address: asText(address) || undefined,
			url: asText(url) || undefined,
		};
		must(locationMessage(place));
		return {
			chat: checkChat(readChat(context, item)),
			place,
			options: readOptions(context, item),
		};
	},
	async perform(owner, { chat, place, options }) {
		return await deliver(owner, { chat, message: must(locationMessage(place)), options });
	},
	sample: SENT,
});

export const sendLiveLocation = defineOperation<LiveParams>({
	resource: 'message',
	operation: 'sendLiveLocation',
	name: 'Send Live Location',
	description: 'Send a position on the map that is marked as live',
	action: 'Send a live location',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: timeoutWith,
	fields: [
		chatField(),
		...coordinates,
		{ displayName: 'Caption', name: 'caption', type: 'string', default: '' },
		optionsField([
			{
				displayName: 'Accuracy',
				name: 'accuracy',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 10,
				description: 'Radius in meters',
			},
			{
				displayName: 'Heading',
				name: 'heading',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 360 },
				default: 0,
				description: 'Direction in degrees clockwise from north',
			},
			{
				displayName: 'Sequence Number',
				name: 'sequence',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 1,
				description: 'Grows with every new position of the same live location',
			},
			{
				displayName: 'Speed',
				name: 'speed',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				description: 'Meters per second',
			},
		]),
	],
	read(context, item) {
		const given = readCollection(context, item, 'options');
		const number = (name: string, label: string) =>
			given[name] === undefined ? undefined : asNumber(given[name], label);
		const place = {
			...readCoordinates(context, item),
			caption: readText(context, item, 'caption') || undefined,
			accuracy: number('accuracy', 'Accuracy'),
			heading: number('heading', 'Heading'),
			sequence: number('sequence', 'Sequence Number'),
			speed: number('speed', 'Speed'),
		};
		must(liveLocationMessage(place));
		return {
			chat: checkChat(readChat(context, item)),
			place,
			options: readOptions(context, item),
		};
	},
	async perform(owner, { chat, place, options }) {
		return await deliver(owner, { chat, message: must(liveLocationMessage(place)), options });
	},
	sample: SENT,
});
