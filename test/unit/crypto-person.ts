import type { Baileys } from '../../src/baileys';
import { silentLog } from '../../src/log';

type Logger = Parameters<Baileys['addTransactionCapability']>[1];

const quiet = { ...silentLog, level: 'silent', trace: () => {}, child: () => quiet };
/** A logger for Baileys that says nothing. */
export const quietLogger = quiet as unknown as Logger;

/** Somebody's keys in memory, and the part of Baileys that encrypts and decrypts with them. */
export function person({
	initAuthCreds,
	addTransactionCapability,
	DEFAULT_CONNECTION_CONFIG,
}: Baileys) {
	const creds = initAuthCreds();
	const stored: Record<string, Record<string, unknown>> = {};
	const keys = addTransactionCapability(
		{
			get: async (type, ids) =>
				Object.fromEntries(ids.map((id) => [id, stored[type]?.[id]])) as never,
			set: async (data) => {
				for (const [type, values] of Object.entries(data)) {
					Object.assign((stored[type] ??= {}), values);
				}
			},
		},
		quietLogger,
		{ maxCommitRetries: 1, delayBetweenTriesMs: 1 },
	);
	const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, quietLogger);
	return { creds, stored, repository };
}

/** One person who writes to a group and another who reads it, in the same process. */
export async function groupOfTwo(baileys: Baileys, name = '120363000000000001') {
	const group = `${name}@g.us`;
	const sender = '15550101:1@s.whatsapp.net';
	const [alice, bob] = [person(baileys), person(baileys)];
	const send = async (text: string): Promise<Uint8Array> => {
		const data = Buffer.from(text);
		return (await alice.repository.encryptGroupMessage({ group, meId: sender, data })).ciphertext;
	};
	const read = async (msg: Uint8Array): Promise<string> => {
		const text = await bob.repository.decryptGroupMessage({ group, authorJid: sender, msg });
		return Buffer.from(text).toString();
	};
	const shared = await alice.repository.getSenderKeyDistributionMessage({ group, meId: sender });
	await bob.repository.processSenderKeyDistributionMessage({
		authorJid: sender,
		item: { groupId: group, axolotlSenderKeyDistributionMessage: shared },
	});
	const record = (of: typeof alice) => Object.values(of.stored['sender-key'] ?? {}) as Buffer[];
	return { alice, bob, send, read, record };
}
