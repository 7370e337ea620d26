/** Names of channels: a post names only the channel's address. */
import type { WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { remember } from './bounded';

const REMEMBERED = 500;
/** Names change rarely, and one that was not found may be found later. */
const ASK_AGAIN_MS = 60 * 60_000;

export class Channels {
	private readonly asked = new Map<string, { at: number; name: Promise<string | undefined> }>();

	constructor(
		private readonly socket: () => WASocket | undefined,
		private readonly clock: Clock,
	) {}

	/** The name, asked for once an hour at most; undefined when WhatsApp does not say. */
	async nameOf(jid: string): Promise<string | undefined> {
		const known = this.asked.get(jid);
		if (known && this.clock.now() - known.at < ASK_AGAIN_MS) return await known.name;
		const socket = this.socket();
		if (!socket?.ws.isOpen) return undefined;
		const name = socket.newsletterMetadata('jid', jid).then(
			(channel) => nameIn(channel),
			() => undefined,
		);
		remember(this.asked, jid, { at: this.clock.now(), name }, REMEMBERED);
		return await name;
	}
}

/** Baileys rc14 passes on what the server says, not what its type promises. */
function nameIn(channel: unknown): string | undefined {
	if (!channel || typeof channel !== 'object') return undefined;
	const { name, thread_metadata: thread } = channel as {
		name?: unknown;
		thread_metadata?: { name?: { text?: unknown } };
	};
	const found = thread?.name?.text ?? name;
	return typeof found === 'string' && found !== '' ? found : undefined;
}
