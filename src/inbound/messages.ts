/**
 * Contents of messages seen lately, sealed, for a while: Baileys asks for them when a peer could not
 * decrypt ("Waiting for this message") and for poll votes. Without it those stay broken for ever.
 */
import type { proto, WAMessage, WAMessageKey } from '@whiskeysockets/baileys';
import type { Sealer } from '../auth';
import type { Baileys } from '../baileys';
import type { Facts } from '../storage/roles';

/** A peer that was offline this long asks no more (belief; WhatsApp Web keeps sent ones for days). */
const KEEP_MS = 7 * 24 * 60 * 60_000;

export class Messages {
	constructor(
		private readonly facts: Facts,
		private readonly sealer: Sealer,
		private readonly baileys: Baileys,
	) {}

	private name(id: string): string {
		return `message:${id}`;
	}

	/** Keeps own messages (retries) and polls (votes). */
	async keep(messages: readonly WAMessage[]): Promise<void> {
		for (const { key, message } of messages) {
			if (!key.id || !message || message.protocolMessage) continue;
			const wanted = key.fromMe === true || message.messageContextInfo?.messageSecret;
			if (!wanted) continue;
			const bytes = this.baileys.proto.Message.encode(message).finish();
			const name = this.name(key.id);
			await this.facts.set(name, this.sealer.seal(name, bytes), KEEP_MS);
		}
	}

	async find({ id }: WAMessageKey): Promise<proto.IMessage | undefined> {
		if (!id) return undefined;
		const name = this.name(id);
		const sealed = await this.facts.get(name);
		return sealed ? this.baileys.proto.Message.decode(this.sealer.open(name, sealed)) : undefined;
	}
}
