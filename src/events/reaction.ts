/** What the two events about reactions share. */
import { contentOf } from '../wa/content';
import { aboutMessage, authorOf } from './messageBase';
import { opened } from './sealed';
import type { MessageInput, Normalised, NormaliseContext } from './types';

/** A reaction of this sort, or undefined for anything else. */
export function reactionEvent(
	event: string,
	input: MessageInput,
	context: NormaliseContext,
	wanted: { added: boolean },
): Promise<Normalised[]> | undefined {
	if (input.content.kind !== 'reaction') return undefined;
	return (async () => {
		const message = await opened(input.message, context);
		const content = contentOf(message.message);
		// One that cannot be opened does not tell; it counts as added.
		const added = (content.reaction ?? null) !== null || content.encrypted === true;
		if (added !== wanted.added) return [];
		const base = await aboutMessage(event, input, context);
		const wrote = await authorOf(content.target, base, context, 'ours');
		const reaction = content.reaction ?? null;
		const encrypted = content.encrypted ?? false;
		return [{ event: { ...base, reaction, encrypted, ...wrote }, message: input.message }];
	})();
}
