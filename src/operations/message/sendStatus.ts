import type { proto } from '@whiskeysockets/baileys';
import { prepareMedia, type MediaRef } from '../../media/prepare';
import type { MediaSource } from '../../media/source';
import { checkText } from '../../wa/format';
import { STATUS_JID, userJid } from '../../wa/ids';
import { checkChat, resolvePeople } from '../chat';
import { asList, asText, badField, captionField, must, readCollection, readText } from '../fields';
import { defineOperation } from '../types';
import { addSecret } from './deliver';
import { mediaFields, readSource } from './mediaInput';
import { mediaMessage } from './mediaMessage';
import { SENT } from './sample';

type Params = {
	people: string[];
	text?: string;
	/** ARGB. */
	background?: number;
	source?: MediaSource;
	caption?: string;
	media?: MediaRef;
};

const TEAL = '#128C7E';

export const sendStatus = defineOperation<Params>({
	resource: 'message',
	operation: 'sendStatus',
	name: 'Send Status',
	description: 'Post a status update (story) for chosen contacts, for 24 hours',
	action: 'Send a status update',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: 120_000,
	fields: [
		{
			displayName: 'Viewers',
			name: 'people',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			required: true,
			placeholder: 'e.g. +1 555 010 0101, +1 555 010 0102',
			description: 'Who can see it: phone numbers or IDs, separated by commas',
		},
		{
			displayName: 'Content',
			name: 'content',
			type: 'options',
			options: [
				{ name: 'Image or Video', value: 'media' },
				{ name: 'Text', value: 'text' },
				{ name: 'Voice Note', value: 'voice' },
			],
			default: 'text',
		},
		{
			displayName: 'Text',
			name: 'text',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			required: true,
			displayOptions: { show: { content: ['text'] } },
		},
		...mediaFields({ content: ['media', 'voice'] }),
		{ ...captionField, displayOptions: { show: { content: ['media'] } } },
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			displayOptions: { show: { content: ['text'] } },
			options: [
				{
					displayName: 'Background Color',
					name: 'background',
					type: 'color',
					default: TEAL,
				},
			],
		},
	],
	read(context, item) {
		const people = asList(context.getNodeParameter('people', item, '')).map(checkChat);
		if (people.length === 0) throw badField('Viewers', 'name at least one person.');
		if (readText(context, item, 'content') === 'text') {
			const { background } = readCollection(context, item, 'options');
			return {
				people,
				text: must(checkText(readText(context, item, 'text'))),
				background: readColor(asText(background) || TEAL),
			};
		}
		return {
			people,
			source: readSource(context, item),
			caption: readText(context, item, 'caption') || undefined,
		};
	},
	async prepare(node, params) {
		if (!params.source) return params;
		const isVoice = readText(node.context, node.item, 'content') === 'voice';
		const kind = isVoice ? 'voice' : 'visual';
		return { ...params, media: await prepareMedia(node, { source: params.source, kind }) };
	},
	async perform(owner, { people, text, background, media, caption }) {
		const viewers = await resolvePeople(owner, people);
		const { me } = (await owner.socket()).authState.creds;
		// The own phone shows it too.
		const own = userJid(me?.lid) ?? userJid(me?.id);
		const message: proto.IMessage = media
			? mediaMessage(media, { caption })
			: {
					extendedTextMessage: { text, backgroundArgb: background, textArgb: 0xffffffff, font: 0 },
				};
		await addSecret(owner, message);
		const audience = [...new Set(own ? [...viewers, own] : viewers)];
		return { ...(await owner.send({ to: STATUS_JID, message, audience })), viewers };
	},
	sample: { ...SENT, chat: STATUS_JID, viewers: ['200000000000101@lid'] },
});

function readColor(text: string): number {
	const hex = /^#?([0-9a-f]{6})(?:[0-9a-f]{2})?$/i.exec(text.trim())?.[1];
	if (!hex) throw badField('Background Color', 'it must look like #128C7E.');
	return parseInt(`ff${hex}`, 16);
}
