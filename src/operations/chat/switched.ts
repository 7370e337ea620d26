/** Operations that switch something of a chat on or off in the app state, for all own devices. */
import { changeAppState } from '../appState';
import { chatField, checkChat, readChat } from '../chat';
import { defineOperation, type AnyOperation, type JsonObject, type Owner } from '../types';
import { resolveListed } from './place';

type Params = { chat: string };
type Patch = Parameters<typeof changeAppState>[1];

/**
 * @param said what the operation answers beside the chat, e.g. `{ archived: true }`
 * @param patch the change as the app state has it
 */
export const switched = (
	said: JsonObject,
	names: { operation: string; name: string; action: string; description: string },
	patch: (owner: Owner, chat: string) => Patch | Promise<Patch>,
): AnyOperation =>
	defineOperation<Params>({
		resource: 'chat',
		...names,
		needs: 'socket',
		writes: true,
		repeatable: true,
		fields: [chatField({ description: 'The person or group' })],
		read: (context, item) => ({ chat: checkChat(readChat(context, item)) }),
		async perform(owner, params) {
			const chat = await resolveListed(owner, params.chat);
			await changeAppState(owner, await patch(owner, chat));
			return { chat, ...said };
		},
		sample: { chat: '200000000000101@lid', ...said },
	});
