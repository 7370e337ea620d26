/** What the two events about reactions share. */
import { aboutMessage, authorOf } from './messageBase';
import type { MessageInput, Normalised, NormaliseContext } from './types';

/** A reaction of this sort, or undefined for anything else. */
export function reactionEvent(
	event: string,
	input: MessageInput,
	context: NormaliseContext,
	wanted: { added: boolean },
): Promise<Normalised[]> | undefined {
	const { content } = input;
	if (content.kind !== 'reaction') return undefined;
	// An encrypted one (in announcement groups of communities) does not tell; it counts as added.
	const added = (content.reaction ?? null) !== null || content.encrypted === true;
	if (added !== wanted.added) return undefined;
	return (async () => {
		const base = await aboutMessage(event, input, context);
		const wrote = await authorOf(content.target, base, context, 'ours');
		const reaction = content.reaction ?? null;
		const encrypted = content.encrypted ?? false;
		return [{ event: { ...base, reaction, encrypted, ...wrote }, message: input.message }];
	})();
}
