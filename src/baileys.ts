/**
 * The one import of Baileys. It is ESM and costs 0.2 to 0.4 s and 30 to 60 MB, so it is loaded on
 * first use and n8n starts as fast as without this package. Before it loads, src/crypto puts checked
 * signatures in place (Baileys rc14 ignores the result of most checks), silences libsignal, which
 * prints private keys to the console, and gives both quicker functions for what costs them most.
 */
import { installCheckedSignatures } from './crypto/install';
import { withQuickParts } from './crypto/quickParts';
import { keepSenderKeysLean } from './crypto/senderKeys';
import { secureBaileys } from './crypto/secureBaileys';

export type Baileys = typeof import('@whiskeysockets/baileys');

let loading: Promise<Baileys> | undefined;

/** Loads Baileys once per process. */
export async function loadBaileys(): Promise<Baileys> {
	loading ??= (async () => {
		installCheckedSignatures();
		const baileys = await withQuickParts(async () => await import('@whiskeysockets/baileys'));
		secureBaileys(baileys);
		// Otherwise group sends get slower with every message (a record of 330 KB after 2 000).
		keepSenderKeysLean(await import('@whiskeysockets/baileys/lib/Signal/Group/index.js'));
		// A few functions log whole stanzas through Baileys' own logger, whatever logger they are given.
		(await import('@whiskeysockets/baileys/lib/Utils/logger.js')).default.level = 'silent';
		return baileys;
	})();
	// A failure (the package is being replaced) is not remembered.
	loading.catch(() => {
		loading = undefined;
	});
	return await loading;
}
