/** Who is who: addresses to people, for the normalisers. */
import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import type { NormaliseContext } from '../events';
import { displayPhone, parseJid, personOf, userJid, type Person } from '../wa/ids';

const OWN_IDS = 5_000;

function bounded<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
	map.delete(key);
	map.set(key, value);
	const oldest = map.keys().next();
	if (map.size > limit && !oldest.done) map.delete(oldest.value);
}

export interface ContextDeps {
	/** The latest socket, open or not: it holds the LID map. */
	socket(): WASocket | undefined;
	/** The name known for an address. */
	nameOf(jid: string): string | undefined;
	/** Own addresses. */
	me(): { id?: string; lid?: string };
	groupMetadata(jid: string): Promise<GroupMetadata | undefined>;
	clock: Clock;
}

export class Context implements NormaliseContext {
	private readonly ownIds = new Map<string, true>();

	constructor(private readonly deps: ContextDeps) {}

	get me(): { phone: string | null; lid: string | null } {
		const { id, lid } = this.deps.me();
		return { phone: userJid(id), lid: userJid(lid) };
	}

	now(): number {
		return this.deps.clock.now();
	}

	/** Notes the id of a message that n8n sends, so that its echo is not a message from the phone. */
	sending(id: string): void {
		bounded(this.ownIds, id, true, OWN_IDS);
	}

	sentByUs(messageId: string): boolean {
		return this.ownIds.has(messageId);
	}

	async person(...addresses: Array<string | null | undefined>): Promise<Person | null> {
		const pair = await this.bothForms(addresses);
		const name = pair.map((jid) => this.deps.nameOf(jid)).find((known) => known !== undefined);
		return personOf(pair, { name });
	}

	async chat(...addresses: Array<string | null | undefined>): Promise<string | null> {
		const first = parseJid(addresses[0]);
		if (!first) return null;
		if (first.kind !== 'user' && first.kind !== 'lid') return first.jid;
		const pair = await this.bothForms(addresses);
		return pair.find((jid) => parseJid(jid)?.kind === 'lid') ?? first.jid;
	}

	async chatName(chat: string | null): Promise<string | null> {
		if (!chat) return null;
		if (chat.endsWith('@g.us')) return (await this.deps.groupMetadata(chat))?.subject ?? null;
		return this.deps.nameOf(chat) ?? displayPhone(chat);
	}

	/** Adds the other form (LID or phone) from Baileys' persistent map when only one is given. */
	private async bothForms(addresses: ReadonlyArray<string | null | undefined>): Promise<string[]> {
		const jids = [...new Set(addresses.map(userJid).filter((jid) => jid !== null))];
		const has = (kind: 'lid' | 'user') => jids.some((jid) => parseJid(jid)?.kind === kind);
		const map = this.deps.socket()?.signalRepository.lidMapping;
		const [only] = jids;
		if (!map || !only) return jids;
		if (has('lid') && !has('user')) {
			const phone = userJid(await map.getPNForLID(only));
			if (phone) jids.push(phone);
		} else if (has('user') && !has('lid')) {
			const lid = userJid(await map.getLIDForPN(only));
			if (lid) jids.push(lid);
		}
		return jids;
	}
}
