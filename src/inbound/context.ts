/** Who is who: addresses to people, for the normalisers. */
import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import type { Address, NormaliseContext, StoredMessage, Tally, Vote } from '../events/types';
import type { Directory } from '../history/directory';
import {
	displayPhone,
	isLid,
	isNewsletter,
	isPhoneJid,
	parseJid,
	personOf,
	userJid,
	type Person,
} from '../wa/ids';
import { remember } from './bounded';
import { within } from './within';

const OWN_IDS = 5_000;
/** LIDs that WhatsApp was asked for lately, found or not. */
const ASKED = 5_000;
/** Who was not found is asked for again after this. */
const ASK_AGAIN_MS = 10 * 60_000;
/** A look-up may ask WhatsApp; the inbox waits for it no longer than this. */
const PATIENCE_MS = 3_000;
/** After WhatsApp has not answered, nothing is asked for this long. */
const SULK_MS = 60_000;

export interface ContextDeps {
	/** The latest socket, open or not: it holds the LID map. */
	socket(): WASocket | undefined;
	directory: Pick<Directory, 'find' | 'nameOf'>;
	/** The other form of an address that was named beside it somewhere. */
	pairOf(jid: string): string | undefined;
	/** Own addresses. */
	me(): { id?: string; lid?: string };
	/** True until the first sync after linking is over. */
	syncing(): boolean;
	groupMetadata(jid: string): Promise<GroupMetadata | undefined>;
	channelName(jid: string): Promise<string | undefined>;
	stored(messageId: string): Promise<StoredMessage | undefined>;
	tally(pollId: string, options: readonly string[], vote: Vote): Promise<Tally>;
	clock: Clock;
}

/** The addresses, each once. */
function different(given: readonly Address[]): string[] {
	const jids: string[] = [];
	for (const each of given) {
		const jid = userJid(each);
		if (jid !== null && !jids.includes(jid)) jids.push(jid);
	}
	return jids;
}

export class Context implements NormaliseContext {
	private readonly ownIds = new Map<string, true>();
	private readonly asked = new Map<string, number>();
	private quietUntil = 0;

	constructor(private readonly deps: ContextDeps) {}

	get me(): { phone: string | null; lid: string | null } {
		const { id, lid } = this.deps.me();
		return { phone: userJid(id), lid: userJid(lid) };
	}

	isMe(address: Address): boolean {
		const jid = userJid(address);
		const { phone, lid } = this.me;
		return jid !== null && (jid === phone || jid === lid);
	}

	get syncing(): boolean {
		return this.deps.syncing();
	}

	now(): number {
		return this.deps.clock.now();
	}

	/** Notes the id of a message that n8n sends, so that its echo is not a message from the phone. */
	sending(id: string): void {
		remember(this.ownIds, id, true, OWN_IDS);
	}

	sentByUs(messageId: string): boolean {
		return this.ownIds.has(messageId);
	}

	async person(...addresses: Address[]): Promise<Person | null> {
		const pair = this.known(addresses) ?? (await this.addresses(...addresses));
		let name: string | undefined;
		for (const jid of pair) name ??= this.deps.directory.nameOf(jid);
		return personOf(pair, { name });
	}

	async isContact(person: Person | null): Promise<boolean> {
		if (!person) return false;
		const phone = person.phone ? `${person.phone.slice(1)}@s.whatsapp.net` : null;
		return [person.lid, phone].some((jid) => this.deps.directory.find(jid)?.saved === true);
	}

	async chat(...addresses: Address[]): Promise<string | null> {
		const first = parseJid(addresses.find((address) => address));
		if (!first) return null;
		if (first.kind !== 'user' && first.kind !== 'lid') return first.jid;
		const pair = this.known(addresses) ?? (await this.addresses(...addresses));
		return pair.find(isLid) ?? first.jid;
	}

	async chatName(chat: string | null): Promise<string | null> {
		if (!chat) return null;
		const known = this.deps.directory.nameOf(chat);
		if (known !== undefined) return known;
		if (isNewsletter(chat)) return (await this.patiently(this.deps.channelName(chat))) ?? null;
		return (await this.group(chat))?.subject ?? displayPhone(chat);
	}

	async group(jid: string): Promise<GroupMetadata | undefined> {
		if (!jid.endsWith('@g.us')) return undefined;
		return await this.patiently(this.deps.groupMetadata(jid));
	}

	async stored(messageId: string): Promise<StoredMessage | undefined> {
		return await this.deps.stored(messageId);
	}

	async tally(pollId: string, options: readonly string[], vote: Vote): Promise<Tally> {
		return await this.deps.tally(pollId, options, vote);
	}

	/** Adds the other form (LID or phone) of a person when only one is given, where it is known. */
	async addresses(...given: Address[]): Promise<string[]> {
		const known = this.known(given);
		if (known) return known;
		const jids = different(given);
		const [first] = jids;
		if (!first) return jids;
		const other = await this.otherForm(first);
		return other ? [...jids, other] : jids;
	}

	/** The same, if nobody has to be asked for it. */
	private known(given: readonly Address[]): string[] | undefined {
		const jids = different(given);
		return jids.some(isLid) && jids.some(isPhoneJid) ? jids : undefined;
	}

	private async otherForm(jid: string): Promise<string | null> {
		if (!isLid(jid) && !isPhoneJid(jid)) return null;
		const { phone, lid } = this.me;
		if (jid === lid) return phone;
		if (jid === phone) return lid;
		const known = this.deps.pairOf(jid) ?? userJid(this.deps.directory.find(jid)?.alt);
		if (known) return known;
		const map = this.deps.socket()?.signalRepository.lidMapping;
		if (!map) return null;
		// Only the way from a number to its LID may go over the network.
		if (isLid(jid)) return userJid(await this.patiently(map.getPNForLID(jid)));
		const now = this.now();
		if ((this.asked.get(jid) ?? 0) > now) return null;
		const found = userJid(await this.patiently(map.getLIDForPN(jid)));
		if (!found) remember(this.asked, jid, now + ASK_AGAIN_MS, ASKED);
		return found;
	}

	/** What a server that hangs is asked for must not hold up the inbox. */
	private async patiently<T>(answer: Promise<T>): Promise<T | undefined> {
		const { clock } = this.deps;
		const started = clock.now();
		if (started < this.quietUntil) {
			answer.catch(() => {});
			// Memory and storage answer at once; the network had its chance.
			return await within(clock, 50, answer);
		}
		const found = await within(clock, PATIENCE_MS, answer);
		if (found === undefined && clock.now() - started >= PATIENCE_MS) {
			this.quietUntil = clock.now() + SULK_MS;
		}
		return found;
	}
}
