import type { proto } from '@whiskeysockets/baileys';
import { LinkedError } from '../../errors';
import { checkText } from '../../wa/format';
import { isNewsletter } from '../../wa/ids';
import { findMedia } from '../../wa/media';
import { unwrap } from '../../wa/unwrap';
import { must, readText } from '../fields';
import { defineOperation } from '../types';
import { addSecret } from './deliver';
import { SENT } from './sample';
import {
	assertNotDeleted,
	assertNotOlder,
	findTarget,
	readTarget,
	targetFields,
	type Target,
	type TargetParams,
} from './target';

type Params = TargetParams & { text: string };

/** WhatsApp's help: up to 15 minutes after sending. */
const EDIT_MS = 15 * 60_000;
/** WhatsApp's help: posts of channels up to 30 days. */
const EDIT_POST_MS = 30 * 24 * 60 * 60_000;
/** ProtocolMessage.Type.MESSAGE_EDIT */
const MESSAGE_EDIT = 14;

export const edit = defineOperation<Params>({
	resource: 'message',
	operation: 'edit',
	name: 'Edit',
	description:
		'Change the text or caption of a message that this number sent, up to 15 minutes later; texts in an own channel up to 30 days later',
	action: 'Edit a message',
	needs: 'socket',
	writes: true,
	fields: targetFields([
		{
			displayName: 'New Text',
			name: 'text',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			required: true,
		},
	]),
	read: (context, item) => ({
		...readTarget(context, item),
		text: must(checkText(readText(context, item, 'text'))),
	}),
	async perform(owner, params) {
		const target = await findTarget(owner, params);
		if (!target.key.fromMe) throw new LinkedError('not-yours');
		assertNotDeleted(target);
		const isPost = isNewsletter(target.to);
		if (isPost) assertNotOlder(owner, target, EDIT_POST_MS, '30 days');
		else assertNotOlder(owner, target, EDIT_MS, '15 minutes');
		const message: proto.IMessage = {
			protocolMessage: {
				type: MESSAGE_EDIT,
				key: target.key,
				editedMessage: changed(target, params.text),
				timestampMs: owner.clock.now(),
			},
		};
		if (!isPost) await addSecret(owner, message);
		const sent = await owner.send({ to: target.to, message });
		return { ...sent, edited: params.messageId };
	},
	sample: { ...SENT, edited: '3EB0B2C3D4E5F6071829' },
});

/** The new text, or the new caption of what has one. */
function changed({ known, to }: Target, text: string): proto.IMessage {
	const before = unwrap(known?.message).message;
	if (isNewsletter(to) && findMedia(before)) {
		throw new LinkedError('not-allowed', { detail: 'In channels only texts can be edited here.' });
	}
	if (before.imageMessage) return { imageMessage: { caption: text } };
	if (before.videoMessage) return { videoMessage: { caption: text } };
	if (before.documentMessage) return { documentMessage: { caption: text } };
	if (known && !before.conversation && !before.extendedTextMessage) {
		throw new LinkedError('not-allowed', {
			detail: 'Only texts and captions can be edited.',
		});
	}
	return { extendedTextMessage: { text } };
}
