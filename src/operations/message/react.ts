import { emojiField, readEmoji } from '../emoji';
import { defineOperation } from '../types';
import { SENT } from './sample';
import {
	assertNotDeleted,
	findTarget,
	readTarget,
	targetFields,
	type TargetParams,
} from './target';
import type { JsonObject, Owner } from '../types';

type Params = TargetParams & { emoji: string };

async function setReaction(owner: Owner, params: Params): Promise<JsonObject> {
	const target = await findTarget(owner, params);
	assertNotDeleted(target);
	const { to, key } = target;
	const message = {
		reactionMessage: { key, text: params.emoji, senderTimestampMs: owner.clock.now() },
	};
	const sent = await owner.send({ to, message });
	return { ...sent, reactedTo: params.messageId, emoji: params.emoji || null };
}

export const react = defineOperation<Params>({
	resource: 'message',
	operation: 'react',
	name: 'React',
	description: 'React to a message with an emoji; a new reaction takes the place of the one before',
	action: 'React to a message',
	needs: 'socket',
	writes: true,
	fields: targetFields([emojiField]),
	read(context, item) {
		const emoji = readEmoji(context, item);
		return { ...readTarget(context, item), emoji };
	},
	perform: setReaction,
	sample: { ...SENT, reactedTo: '3EB0B2C3D4E5F6071829', emoji: '👍' },
});

export const removeReaction = defineOperation<Params>({
	resource: 'message',
	operation: 'removeReaction',
	name: 'Remove Reaction',
	description: 'Take back the reaction to a message',
	action: 'Remove a reaction',
	needs: 'socket',
	writes: true,
	fields: targetFields(),
	read: (context, item) => ({ ...readTarget(context, item), emoji: '' }),
	perform: setReaction,
	sample: { ...SENT, reactedTo: '3EB0B2C3D4E5F6071829', emoji: null },
});
