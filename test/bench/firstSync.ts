/**
 * The first sync after linking: 2 000 chats and 20 000 messages from the stand-in's phone. The product
 * runs in a process of its own; what the stand-in does beside it counts in the times.
 */
import type { StorageSettings } from '../../src/storage/open';
import { until } from '../helpers/until';
import { N8nProcess } from '../processes/process';
import { WhatsAppServer } from '../whatsapp';
import { madeUpHistory } from '../whatsapp/phone/history';

const ACCOUNT = 'number';
const [CHATS, GROUPS, EACH] = [1_800, 200, 10];

export interface FirstSync {
	/** Milliseconds after "connected". */
	names: number;
	all: number;
	/** The longest that the process answered nothing, milliseconds. */
	blocked: number;
	/** Bytes that the process has grown by, at its largest. */
	grown: number;
}

export async function firstSync(storage: StorageSettings): Promise<FirstSync> {
	const server = await WhatsAppServer.start();
	const process = await N8nProcess.start({ storage, env: server.env() });
	try {
		const me = await server.phone('+1 555 010 0100', { name: 'Me' });
		const now = Math.floor(Date.now() / 1_000);
		me.history = madeUpHistory({ chats: CHATS, groups: GROUPS, messagesEach: EACH, until: now });
		await process.ask('open', { account: ACCOUNT });
		const offer = await process.run(ACCOUNT, 'session.getQr');
		const before = await process.ask('cost', {});
		await me.scan(String(offer.qr));
		await until('the connection', () => process.states.at(-1) === 'open');
		const connected = performance.now();
		let blocked = 0;
		let largest = 0;
		let watching = true;
		const watch = (async () => {
			while (watching) {
				const asked = performance.now();
				await process.ask('look', { account: ACCOUNT });
				blocked = Math.max(blocked, performance.now() - asked);
				largest = Math.max(largest, (await process.ask('size', {})).rss);
				await new Promise((resolve) => setTimeout(resolve, 5));
			}
		})();
		const chats = async (withMessages: boolean) => {
			const query = { search: '', kind: 'all', limit: 10_000, withMessages, simplify: false };
			return (await process.run(ACCOUNT, 'chat.getMany', query)) as unknown as Array<{
				name: string | null;
			}>;
		};
		await until('the names', async () => {
			const found = await chats(false);
			return found.filter(({ name }) => name !== null).length >= CHATS + GROUPS;
		});
		const names = performance.now() - connected;
		const total = (CHATS + GROUPS) * EACH;
		await until(
			'all messages',
			async () => Number((await process.ask('kept', { account: ACCOUNT })).messages) >= total,
			120_000,
		);
		const all = performance.now() - connected;
		watching = false;
		await watch;
		return { names, all, blocked, grown: largest - before.rss };
	} finally {
		await process.end();
		await server.stop();
	}
}
