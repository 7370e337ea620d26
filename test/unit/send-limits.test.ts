/** How long after sending WhatsApp lets a message be changed. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { findOperation, type JsonObject, type Owner } from '../../src/operations';

const HOUR = 60 * 60_000;
const SENT_AT = Date.UTC(2026, 10, 23);
const CHAT = '200000000000101@lid';

/** An owner that knows one own message, sent at SENT_AT, and notes what is sent. */
function ownerAt(now: number) {
	const sent: unknown[] = [];
	const message: WAMessage = {
		key: { id: 'ABCD1234', remoteJid: CHAT, fromMe: true },
		message: { conversation: 'long ago' },
		messageTimestamp: SENT_AT / 1_000,
	};
	const owner = {
		clock: { now: () => now },
		idOfPart: () => 'EFGH5678',
		findMessage: () => Promise.resolve(message),
		socket: () =>
			Promise.resolve({
				authState: { creds: { signedIdentityKey: { private: Buffer.alloc(32, 1) } } },
			}),
		send: (request: unknown) => {
			sent.push(request);
			return Promise.resolve({ messageId: 'EFGH5678' });
		},
	} as unknown as Owner;
	return { owner, sent };
}

const attempt = async (name: string, afterMs: number): Promise<string> => {
	const { owner, sent } = ownerAt(SENT_AT + afterMs);
	const params: JsonObject = { chat: CHAT, messageId: 'ABCD1234', text: 'new' };
	try {
		await findOperation(name)!.perform(owner, params);
	} catch (error) {
		expect(sent).toEqual([]);
		return (error as { code: string }).code;
	}
	expect(sent).toHaveLength(1);
	return 'sent';
};

test.each([
	['message.edit', 14 / 60, 'sent'],
	['message.edit', 16 / 60, 'too-old'],
	['message.deleteForEveryone', 48, 'sent'],
	['message.deleteForEveryone', 61, 'too-old'],
])('%s after %d hours: %s', async (operation, hours, outcome) => {
	expect(await attempt(operation, hours * HOUR)).toBe(outcome);
});
