import type { IDataObject } from 'n8n-workflow';
import { openPicture } from '../../media/download';
import { proxyAgent } from '../../session/proxy';
import { asked, refusalOf } from '../asked';
import { chatField, checkChat, readChat, resolveChat } from '../chat';
import { badField, readCollection, readText, optionsCollection } from '../fields';
import { defineOperation } from '../types';

type Params = { chat: string; size: 'image' | 'preview'; field: string; download: boolean };

const SAMPLE = {
	chat: '200000000000101@lid',
	hasPicture: true,
	hidden: false,
	url: 'https://pps.whatsapp.net/v/t61/...',
};

export const getProfilePicture = defineOperation<Params>({
	resource: 'contact',
	operation: 'getProfilePicture',
	name: 'Get Profile Picture',
	description: 'Get the picture of a person or group',
	action: 'Get the profile picture of a contact or group',
	needs: 'history',
	writes: false,
	fields: [
		chatField({
			displayName: 'Contact or Group',
			description: 'Whose picture',
		}),
		{
			displayName: 'Size',
			name: 'size',
			type: 'options',
			options: [
				{ name: 'Full', value: 'image' },
				{ name: 'Preview', value: 'preview', description: 'A small one, of about 100 pixels' },
			],
			default: 'image',
		},
		{
			displayName: 'Put Output File in Field',
			name: 'binaryPropertyName',
			type: 'string',
			default: 'data',
			required: true,
			hint: 'The name of the output binary field to put the file in',
		},
		optionsCollection([
			{
				displayName: 'Download',
				name: 'download',
				type: 'boolean',
				default: true,
				description:
					'Whether to download the picture. Its address, which works for some days, is returned in any case.',
			},
		]),
	],
	read(context, item) {
		const field = readText(context, item, 'binaryPropertyName').trim();
		if (!field) throw badField('Put Output File in Field', 'it is empty.');
		return {
			chat: checkChat(readChat(context, item)),
			size: readText(context, item, 'size') === 'preview' ? 'preview' : 'image',
			field,
			download: readCollection(context, item, 'options').download !== false,
		};
	},
	/** The address; the process of the node downloads it. */
	async perform(owner, { chat, size }) {
		const jid = await resolveChat(owner, chat);
		const socket = await owner.socket();
		try {
			const url = (await socket.profilePictureUrl(jid, size)) ?? null;
			return { chat: jid, hasPicture: url !== null, hidden: false, url };
		} catch (error) {
			const status = refusalOf(error);
			// There is none, or its owner shows it to others only.
			if (status === 404) return { chat: jid, hasPicture: false, hidden: false, url: null };
			if (status === 401 || status === 403) {
				return { chat: jid, hasPicture: null, hidden: true, url: null };
			}
			return await asked(Promise.reject(error as Error));
		}
	},
	async inNode({ ask, context, item, settings, signal }, params) {
		const answer = await ask('contact.getProfilePicture', params);
		const json = answer as IDataObject;
		const pairedItem = { item };
		if (typeof answer.url !== 'string' || !params.download) return [{ json, pairedItem }];
		const agent = settings.proxy ? await proxyAgent(settings.proxy) : undefined;
		const name = `picture-${String(answer.chat).split('@')[0]}`;
		const { stream, fileName, mimeType } = await openPicture(answer.url, name, { agent, signal });
		const binary = await context.helpers.prepareBinaryData(stream, fileName, mimeType);
		return [{ json, binary: { [params.field]: binary }, pairedItem }];
	},
	sample: SAMPLE,
});
