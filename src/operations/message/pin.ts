import type { INodeProperties } from 'n8n-workflow';
import { asNumber, badField } from '../fields';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { addSecret } from './deliver';
import { SENT } from './sample';
import {
	assertNotDeleted,
	findTarget,
	readTarget,
	targetFields,
	type TargetParams,
} from './target';

type Params = TargetParams & { seconds: number };

/** PinInChatMessage.Type */
const PIN = 1;
const UNPIN = 2;
/** What the apps offer. */
const TIMES = [86_400, 604_800, 2_592_000];

const durationField: INodeProperties = {
	displayName: 'For',
	name: 'seconds',
	type: 'options',
	options: [
		{ name: '24 Hours', value: 86_400 },
		{ name: '7 Days', value: 604_800 },
		{ name: '30 Days', value: 2_592_000 },
	],
	default: 604_800,
	description: 'How long it stays pinned',
};

async function setPin(owner: Owner, params: Params): Promise<JsonObject> {
	const target = await findTarget(owner, params);
	assertNotDeleted(target);
	const message = {
		pinInChatMessage: {
			key: target.key,
			type: params.seconds > 0 ? PIN : UNPIN,
			senderTimestampMs: owner.clock.now(),
		},
		messageContextInfo: { messageAddOnDurationInSecs: params.seconds },
	};
	await addSecret(owner, message);
	const sent = await owner.send({ to: target.to, message });
	return { ...sent, target: params.messageId, pinned: params.seconds > 0 };
}

export const pin = defineOperation<Params>({
	resource: 'message',
	operation: 'pin',
	name: 'Pin',
	description: 'Pin a message at the top of its chat, for everybody in it',
	action: 'Pin a message',
	needs: 'socket',
	writes: true,
	fields: targetFields([durationField]),
	read(context, item) {
		const seconds = asNumber(context.getNodeParameter('seconds', item), 'For');
		if (!TIMES.includes(seconds)) throw badField('For', 'it must be 24 hours, 7 or 30 days.');
		return { ...readTarget(context, item), seconds };
	},
	perform: setPin,
	sample: { ...SENT, target: '3EB0B2C3D4E5F6071829', pinned: true },
});

export const unpin = defineOperation<Params>({
	resource: 'message',
	operation: 'unpin',
	name: 'Unpin',
	description: 'Take a pinned message down',
	action: 'Unpin a message',
	needs: 'socket',
	writes: true,
	fields: targetFields(),
	read: (context, item) => ({ ...readTarget(context, item), seconds: 0 }),
	perform: setPin,
	sample: { ...SENT, target: '3EB0B2C3D4E5F6071829', pinned: false },
});
