/** The emoji of a reaction: its field, and reading it. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { checkReaction } from '../wa/format';
import { badField, must, readText } from './fields';

export const emojiField: INodeProperties = {
	displayName: 'Emoji',
	name: 'emoji',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. 👍',
};

/** @throws LinkedError `bad-parameter` for what is no emoji */
export function readEmoji(context: IExecuteFunctions, item: number): string {
	const emoji = must(checkReaction(readText(context, item, 'emoji')));
	if (emoji === '') {
		throw badField('Emoji', 'it is empty. To take a reaction back use Remove Reaction.');
	}
	return emoji;
}
