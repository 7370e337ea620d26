/**
 * Metadata of groups: asked for once, then kept right by what happens. Baileys needs the list of
 * members at every message to a group, and asks the server each time when nobody remembers it.
 */
import type { BaileysEventMap, GroupMetadata, WASocket } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import { sameJid } from '../wa/ids';
import { remember } from './bounded';

const REMEMBERED = 2_000;

type Participants = BaileysEventMap['group-participants.update'];

interface Deps {
	socket(): WASocket | undefined;
	isMe(jid: string): boolean;
	/** Told of metadata that was asked for. */
	learned(group: GroupMetadata): void;
}

export class Groups {
	private readonly known = new Map<string, GroupMetadata>();
	private readonly asking = new Map<string, Promise<GroupMetadata>>();
	/** The groups that the number is in, once they were asked for on this connection. */
	private mine?: Set<string>;
	/** Those that it was in until lately: what is known of them is of no use any more. */
	private readonly left = new Set<string>();
	private askingAll?: Promise<GroupMetadata[]>;

	constructor(private readonly deps: Deps) {}

	/** A new connection: what happened meanwhile may not be told. */
	connected(): void {
		this.mine = undefined;
	}

	/** Applies what Baileys tells of groups. */
	take(events: Partial<BaileysEventMap>): void {
		for (const group of events['groups.upsert'] ?? []) {
			this.joined(group.id);
			remember(this.known, group.id, group, REMEMBERED);
		}
		for (const update of events['groups.update'] ?? []) this.update(update);
		const members = events['group-participants.update'];
		if (members) this.members(members);
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
		remember(this.known, group.id, group, REMEMBERED);
		this.deps.learned(group);
	}

	private joined(id: string): void {
		this.left.delete(id);
		this.mine?.add(id);
	}

	private gone(id: string): void {
		this.mine?.delete(id);
		this.left.add(id);
	}

	private update(update: Partial<GroupMetadata>): void {
		const known = update.id ? this.known.get(update.id) : undefined;
		if (!known) return;
		const { author: _a, authorPn: _p, authorUsername: _u, ...changed } = update;
		this.known.set(known.id, { ...known, ...changed });
	}

	private members({ id, participants, action }: Participants): void {
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
				const changed = known.participants.filter((each) => concerned(each.id));
				this.keep(known, [...others, ...changed.map((each) => ({ ...each, admin }) as const)]);
				return;
			}
			default:
				// Somebody changed their number: who is who has to be asked for.
				this.known.delete(id);
		}
	}

	private keep(known: GroupMetadata, participants: GroupMetadata['participants']): void {
		this.known.set(known.id, { ...known, participants, size: participants.length });
	}
}
