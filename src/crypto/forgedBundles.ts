import type { SignalRepository } from '@whiskeysockets/baileys';
import { isBadSignature } from './checkedSignatures';

/**
 * Lets a send go on when one device of many offers a forged signed pre-key. No session is made with
 * that device and it gets no message; without this wrapper the send to everybody would fail, so one
 * member could silence a group. When it is the only recipient, Baileys fails with "All encryptions
 * failed". whatsmeow leaves out such a device likewise.
 *
 * @param onForged told the device's JID, for the log
 */
export function skipForgedBundles<Repository extends Pick<SignalRepository, 'injectE2ESession'>>(
	repository: Repository,
	onForged: (jid: string) => void,
): Repository {
	return {
		...repository,
		async injectE2ESession(options) {
			try {
				await repository.injectE2ESession(options);
			} catch (error) {
				if (!isBadSignature(error)) throw error;
				onForged(options.jid);
			}
		},
	};
}
