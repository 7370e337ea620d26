/** Which chat or person of the history is meant, without asking WhatsApp. */
import { LinkedError } from '../errors';
import type { KnownChat } from '../history/types';
import { isPerson } from '../wa/ids';
import { parseRecipient } from '../wa/recipient';
import { badField } from './fields';
import type { Reader } from './reading';

/** @throws LinkedError `bad-recipient`, `bad-phone` */
export function addressOf(text: string): string {
	const parsed = parseRecipient(text);
	if (!parsed.ok) {
		throw new LinkedError(parsed.code === 'bad-phone' ? 'bad-phone' : 'bad-recipient', {
			detail: parsed.detail,
		});
	}
	if ('jid' in parsed.value) return parsed.value.jid;
	throw new LinkedError('bad-recipient', {
		detail:
			'A link does not say which chat it is here: pick the chat from the list, or use its ID.',
	});
}

/** @throws LinkedError `not-found` when the number knows no such chat */
export async function knownChat(
	{ history }: Pick<Reader, 'history'>,
	text: string,
): Promise<KnownChat> {
	const address = addressOf(text);
	const chat = await history.chat(address);
	if (chat) return chat;
	throw new LinkedError('not-found', {
		detail: 'The history of this number has no such chat.',
		data: { chat: address },
	});
}

/** The address of a person; `me` is the own number. @throws LinkedError `bad-parameter` */
export async function personAddress(
	{ history }: Pick<Reader, 'history'>,
	text: string,
	field: string,
): Promise<string> {
	const address = addressOf(text);
	if (!isPerson(address)) throw badField(field, 'this is not a person.');
	const [known] = await history.addresses(address);
	return known ?? address;
}
