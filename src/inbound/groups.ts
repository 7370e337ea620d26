/**
 * Metadata of groups: asked for once, then kept right by what happens. Baileys needs the list of
 * members at every message to a group, and asks the server each time when nobody remembers it.
 */
import type {
	BaileysEventMap,
	BinaryNode,
	GroupMetadata,
	WAMessage,
	WASocket,
} from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import { isGroup, sameJid, userJid } from '../wa/ids';
import { remember } from './bounded';

const REMEMBERED = 2_000;
/** How long Baileys may take over a notice: it works on one after the other, with the storage. */
const NOTICE_LAG_MS = 60_000;

type Participants = BaileysEventMap['group-participants.update'];

interface Deps {
	socket(): WASocket | undefined;
	now(): number;
	isMe(jid: string): boolean;
	/** Told of metadata that was asked for. */
	learned(group: GroupMetadata): void;
}

export class Groups {
	private readonly known = new Map<string, GroupMetadata>();
	/** When the members were heard of last, milliseconds since the epoch. */
	private readonly since = new Map<string, number>();
	private readonly askedAt = new Map<string, number>();
	private readonly asking = new Map<string, Promise<GroupMetadata>>();
	/** The groups that the number is in, once they were asked for on this connection. */
	private mine?: Set<string>;
	/** Those that it was in until lately: what is known of them is of no use any more. */
	private readonly left = new Set<string>();
	private askingAll?: Promise<GroupMetadata[]>;
	private readonly members = new Map<
		string,
		{ of: GroupMetadata['participants']; addresses: ReadonlySet<string> }
	>();

	constructor(private readonly deps: Deps) {}

	/** A new connection: what happened meanwhile may not be told. */
	connected(): void {
		this.mine = undefined;
	}

	/**
	 * Listens on a new socket to what Baileys makes no event of, or an incomplete one, and to refusals:
	 * a message that a group refuses says that something else is known of it here than there.
	 */
	attach(socket: WASocket): void {
		this.connected();
		socket.ws.on('CB:notification,type:w:gp2', (notice: BinaryNode) => this.notice(notice));
		socket.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => {
			if (attrs.error && attrs.from && isGroup(attrs.from)) this.forget(attrs.from);
		});
	}

	/** It is asked for when it is needed next. */
	forget(jid: string): void {
		this.known.delete(jid);
		this.members.delete(jid);
		this.since.delete(jid);
	}

	/** Applies what Baileys tells of groups. */
	take(events: Partial<BaileysEventMap>): void {
		for (const group of events['groups.upsert'] ?? []) {
			const isOlder = !this.left.has(group.id) && this.wasAskedLately(group.id);
			this.joined(group.id);
			if (!isOlder) this.remember(group);
		}
		for (const update of events['groups.update'] ?? []) this.update(update);
		const members = events['group-participants.update'];
		if (members) this.changeMembers(members);
		for (const message of events['messages.upsert']?.messages ?? []) this.heard(message);
	}

	/** Metadata of a group; undefined where it cannot be had. */
	async get(jid: string): Promise<GroupMetadata | undefined> {
		if (!this.known.has(jid) && !this.deps.socket()?.ws.isOpen) return undefined;
		// Not a member, or no answer: names stay unknown for now.
		return await this.ask(jid, this.known.get(jid)).catch(() => undefined);
	}

	/**
	 * Metadata of a group that the number is in.
	 * @param fresh ask, whatever is known
	 */
	async require(jid: string, fresh = false): Promise<GroupMetadata> {
		return await this.ask(jid, fresh || this.left.has(jid) ? undefined : this.known.get(jid));
	}

	/** All groups that the number is in. @param fresh ask, whatever is known */
	async all(fresh = false): Promise<GroupMetadata[]> {
		const known = [...(this.mine ?? [])].map((id) => this.known.get(id));
		const complete = known.filter((group) => group !== undefined);
		if (this.mine && !fresh && complete.length === known.length) return complete;
		this.askingAll ??= this.askAll().finally(() => (this.askingAll = undefined));
		return await this.askingAll;
	}

	private async ask(jid: string, known: GroupMetadata | undefined): Promise<GroupMetadata> {
		if (known) return known;
		let asking = this.asking.get(jid);
		if (!asking) {
			asking = this.askOne(jid).finally(() => this.asking.delete(jid));
			this.asking.set(jid, asking);
		}
		return await asking;
	}

	private async askOne(jid: string): Promise<GroupMetadata> {
		const fresh = await this.open().groupMetadata(jid);
		this.learn(fresh);
		return fresh;
	}

	private async askAll(): Promise<GroupMetadata[]> {
		const groups = Object.values(await this.open().groupFetchAllParticipating());
		// Baileys rc14 makes an empty list of no answer, too: then it is asked for again next time.
		this.mine = groups.length > 0 ? new Set(groups.map(({ id }) => id)) : undefined;
		for (const group of groups) this.learn(group);
		return groups;
	}

	private open(): WASocket {
		const socket = this.deps.socket();
		if (!socket?.ws.isOpen) throw new LinkedError('offline');
		return socket;
	}

	private learn(group: GroupMetadata): void {
		this.left.delete(group.id);
		remember(this.askedAt, group.id, this.deps.now(), REMEMBERED);
		this.remember(group);
		this.deps.learned(group);
	}

	/** The notice that one is in a group may be taken in after the answer to a question about it. */
	private wasAskedLately(id: string): boolean {
		return this.known.has(id) && this.deps.now() - (this.askedAt.get(id) ?? 0) < NOTICE_LAG_MS;
	}

	private remember(group: GroupMetadata): void {
		remember(this.known, group.id, group, REMEMBERED);
		this.since.set(group.id, this.deps.now());
	}

	private joined(id: string): void {
		this.left.delete(id);
		this.mine?.add(id);
	}

	private gone(id: string): void {
		this.mine?.delete(id);
		this.left.add(id);
	}

	private notice({ attrs, content }: BinaryNode): void {
		const id = userJid(attrs.from);
		const known = id ? this.known.get(id) : undefined;
		if (!known) return;
		for (const { tag, attrs: about } of Array.isArray(content) ? content : []) {
			switch (tag) {
				case 'ephemeral':
					this.update({ id: known.id, ephemeralDuration: Number(about.expiration) || undefined });
					break;
				case 'not_ephemeral':
					this.update({ id: known.id, ephemeralDuration: undefined });
					break;
				case 'description':
					this.update({ id: known.id, descId: about.id });
					break;
				case 'link':
				case 'unlink':
				case 'delete':
					// Which community it is part of, and whether it is there at all.
					this.forget(known.id);
					break;
			}
		}
	}

	/** Somebody writes who is no member as far as is known: then too little is known. */
	private heard({ key, messageStubType, messageTimestamp }: WAMessage): void {
		const { remoteJid, participant, participantAlt, fromMe } = key;
		const group = remoteJid ? this.known.get(remoteJid) : undefined;
		if (!group || !participant || fromMe || messageStubType) return;
		const members = this.membersOf(group);
		if ([participant, participantAlt].some((form) => members.has(userJid(form) ?? ''))) return;
		// Old messages may be from people who have left since.
		const since = Math.floor((this.since.get(group.id) ?? 0) / 1_000);
		if (Number(messageTimestamp ?? 0) >= since) this.forget(group.id);
	}

	/** All addresses of its members, for many messages. */
	private membersOf(group: GroupMetadata): ReadonlySet<string> {
		const known = this.members.get(group.id);
		if (known?.of === group.participants) return known.addresses;
		const addresses = new Set<string>();
		for (const { id, lid, phoneNumber } of group.participants) {
			for (const form of [id, lid, phoneNumber]) addresses.add(userJid(form) ?? '');
		}
		addresses.delete('');
		this.members.set(group.id, { of: group.participants, addresses });
		return addresses;
	}

	private update(update: Partial<GroupMetadata>): void {
		const { author: _a, authorPn: _p, authorUsername: _u, ...changed } = update;
		const known = update.id ? this.known.get(update.id) : undefined;
		if (known) this.known.set(known.id, { ...known, ...changed });
		// Baileys fetches all groups by itself when it is told that something has changed meanwhile.
		else if (isWhole(changed)) this.learn(changed);
	}

	private changeMembers({ id, participants, action }: Participants): void {
		const forms = participants.flatMap((each) => [each.id, each.lid, each.phoneNumber]);
		if (forms.some((jid) => jid && this.deps.isMe(jid))) {
			if (action === 'add') this.joined(id);
			if (action === 'remove') this.gone(id);
		}
		const known = this.known.get(id);
		if (!known) return;
		const concerned = (jid: string) => participants.some((each) => sameJid(each.id, jid));
		const others = known.participants.filter((each) => !concerned(each.id));
		switch (action) {
			case 'add':
				this.keep(known, [...others, ...participants.map((each) => ({ ...each, admin: null }))]);
				return;
			case 'remove':
				this.keep(known, others);
				return;
			case 'promote':
			case 'demote': {
				const admin = action === 'promote' ? 'admin' : null;
				const changed = known.participants.map((each) =>
					concerned(each.id) ? ({ ...each, admin } as const) : each,
				);
				this.keep(known, changed);
				return;
			}
			default:
				// Somebody changed their number: who is who has to be asked for.
				this.forget(id);
		}
	}

	private keep(known: GroupMetadata, participants: GroupMetadata['participants']): void {
		this.remember({ ...known, participants, size: participants.length });
	}
}

/** All there is to know of a group, and not what has changed of it. */
const isWhole = (group: Partial<GroupMetadata>): group is GroupMetadata =>
	group.id !== undefined && group.subject !== undefined && Array.isArray(group.participants);
