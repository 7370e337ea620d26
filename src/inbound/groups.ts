/**
 * Metadata of groups: asked for once, then kept right by what happens. Baileys needs the list of
 * members at every message to a group, and asks the server each time when nobody remembers it.
 */
import type { BaileysEventMap, GroupMetadata, WASocket } from '@whiskeysockets/baileys';
import { sameJid } from '../wa/ids';
import { remember } from './bounded';

const REMEMBERED = 2_000;

type Participants = BaileysEventMap['group-participants.update'];

export class Groups {
	private readonly known = new Map<string, GroupMetadata>();
	private readonly asking = new Map<string, Promise<GroupMetadata | undefined>>();

	constructor(
		private readonly socket: () => WASocket | undefined,
		/** Told of metadata that was asked for. */
		private readonly learned: (group: GroupMetadata) => void,
	) {}

	/** Applies what Baileys tells of groups. */
	take(events: Partial<BaileysEventMap>): void {
		for (const group of events['groups.upsert'] ?? []) {
			remember(this.known, group.id, group, REMEMBERED);
		}
		for (const update of events['groups.update'] ?? []) this.update(update);
		const members = events['group-participants.update'];
		if (members) this.members(members);
	}

	async get(jid: string): Promise<GroupMetadata | undefined> {
		const known = this.known.get(jid);
		if (known) return known;
		const socket = this.socket();
		if (!socket?.ws.isOpen) return undefined;
		let asking = this.asking.get(jid);
		if (!asking) {
			asking = this.ask(socket, jid).finally(() => this.asking.delete(jid));
			this.asking.set(jid, asking);
		}
		return await asking;
	}

	private async ask(socket: WASocket, jid: string): Promise<GroupMetadata | undefined> {
		try {
			const fresh = await socket.groupMetadata(jid);
			remember(this.known, jid, fresh, REMEMBERED);
			this.learned(fresh);
			return fresh;
		} catch {
			// Not a member, or no answer: names stay unknown for now.
			return undefined;
		}
	}

	private update(update: Partial<GroupMetadata>): void {
		const known = update.id ? this.known.get(update.id) : undefined;
		if (!known) return;
		const { author: _a, authorPn: _p, authorUsername: _u, ...changed } = update;
		this.known.set(known.id, { ...known, ...changed });
	}

	private members({ id, participants, action }: Participants): void {
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
