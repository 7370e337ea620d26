import { LinkedError } from '../../errors';
import { asked } from '../asked';
import { badField, readText } from '../fields';
import { defineOperation } from '../types';

type Params = { media: 'audio' | 'video' };

/** As Baileys' CALL_AUDIO_PREFIX and CALL_VIDEO_PREFIX. */
const ADDRESS = {
	audio: 'https://call.whatsapp.com/voice/',
	video: 'https://call.whatsapp.com/video/',
};

export const createLink = defineOperation<Params>({
	resource: 'call',
	operation: 'createLink',
	name: 'Create Link',
	description: 'Create a link with which anyone who has it can join a call with this number',
	action: 'Create a call link',
	needs: 'socket',
	writes: true,
	fields: [
		{
			displayName: 'Kind',
			name: 'media',
			type: 'options',
			options: [
				{ name: 'Video', value: 'video' },
				{ name: 'Voice', value: 'audio' },
			],
			default: 'video',
		},
	],
	read(context, item) {
		const media = readText(context, item, 'media');
		if (media !== 'audio' && media !== 'video') {
			throw badField('Kind', 'it must be video or audio.');
		}
		return { media };
	},
	async perform(owner, { media }) {
		const socket = await owner.socket();
		const token = await asked(socket.createCallLink(media));
		if (!token) throw new LinkedError('no-answer', { detail: 'No link came back.' });
		return { link: ADDRESS[media] + token, media };
	},
	sample: { link: 'https://call.whatsapp.com/video/AbCdEfGhIjKlMnOpQrStUv', media: 'video' },
});
