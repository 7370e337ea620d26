/**
 * The least that two phones need to talk: accounts, key bundles, relay of messages and receipts,
 * groups without rights. For tests of the phones alone; everything else uses the real stand-in.
 */
import type {
	BinaryNode,
	InProcessDevice,
	PairedDevice,
	PairRequest,
	PhoneHost,
	ServerLink,
} from '../../contract';
import { formatJid, isGroup, isLid, isStatus, LID, parseJid, PN } from '../jids';
import { child, children, node, SERVER } from '../nodes';

interface Account {
	device: InProcessDevice;
	pushName: string;
	online: boolean;
	waiting: BinaryNode[];
	bundle?: { identity: BinaryNode[]; preKeys: BinaryNode[] };
	/** The key bundle of device 1, where there is a companion. */
	companion?: BinaryNode[];
}

export class Loopback implements PhoneHost {
	readonly mediaUrl = 'http://127.0.0.1:1';
	/** Set to answer `pair`. */
	onPair: ((request: PairRequest) => Promise<PairedDevice>) | undefined;
	/** Gets the phone's part of linking by code. */
	onPrimaryHello: ((registration: BinaryNode) => void) | undefined;
	/** Sees every stanza that a phone sends; `false` keeps it from going on. */
	onSend: ((from: InProcessDevice, stanza: BinaryNode) => boolean | void) | undefined;
	private readonly accounts: Account[] = [];
	private readonly groups = new Map<string, string[]>();
	private lastId = 0;

	now(): number {
		return Date.now();
	}

	async waitFor<T>(): Promise<T> {
		throw new Error('Phones wait for themselves');
	}

	connect(device: InProcessDevice, pushName: string): ServerLink {
		let account = this.accounts.find((known) => known.device.ids.phone === device.ids.phone);
		if (!account) {
			account = { device, pushName, online: false, waiting: [] };
			this.accounts.push(account);
		}
		account.online = true;
		const me = account;
		for (const waiting of me.waiting.splice(0)) {
			const late = { ...waiting, attrs: { ...waiting.attrs, offline: '0' } };
			setImmediate(() => device.onStanza(late));
		}
		return {
			send: (stanza) => {
				if (this.onSend?.(device, stanza) !== false) this.relay(me, stanza);
			},
			query: async (stanza) => await this.answer(me, stanza),
			pair: async (request) => {
				if (!this.onPair) throw new Error('Nobody waits to be linked');
				return await this.onPair(request);
			},
			unlink: () => {},
			close: () => {
				me.online = false;
			},
		};
	}

	/** Hands a phone a stanza as if the server had sent it. */
	deliver(to: InProcessDevice['ids'], stanza: BinaryNode): void {
		this.push(this.find(formatJid(to.phone, PN)), stanza);
	}

	/** Gives an account a device 1 that has these keys and gets nothing; see `onSend`. */
	addCompanion(of: InProcessDevice['ids'], bundle: BinaryNode[]): void {
		this.find(formatJid(of.phone, PN)).companion = bundle;
	}

	private find(jid: string): Account {
		const { user } = parseJid(jid);
		const ids = (account: Account) => account.device.ids;
		const found = this.accounts.find((account) =>
			[ids(account).phone, ids(account).lid].includes(user),
		);
		if (!found) throw new Error(`Nobody is ${jid}`);
		return found;
	}

	private push(account: Account, stanza: BinaryNode): void {
		if (account.online) account.device.onStanza(stanza);
		else account.waiting.push(stanza);
	}

	private async answer(me: Account, stanza: BinaryNode): Promise<BinaryNode> {
		const { xmlns, type, to = '' } = stanza.attrs;
		const result = (content?: BinaryNode[]) =>
			node('iq', { type: 'result', from: SERVER }, content);
		if (xmlns === 'encrypt' && type === 'set') {
			const parts = ['registration', 'type', 'identity', 'skey'];
			const identity = children(stanza).filter(({ tag }) => parts.includes(tag));
			me.bundle = { identity, preKeys: children(child(stanza, 'list')) };
			return result();
		}
		if (xmlns === 'encrypt') {
			const users = children(child(stanza, 'key')).map(({ attrs }) => {
				const { bundle, companion } = this.find(attrs.jid ?? '');
				if (parseJid(attrs.jid ?? '').device === 1) {
					return node('user', { jid: attrs.jid }, companion);
				}
				return node('user', { jid: attrs.jid }, [
					...(bundle?.identity ?? []),
					...(bundle?.preKeys.splice(0, 1) ?? []),
				]);
			});
			return result([node('list', {}, users)]);
		}
		if (xmlns === 'usync') {
			const users = children(child(stanza, 'usync', 'list')).map(({ attrs: { jid = '' } }) => {
				const known = this.accounts.some(({ device: { ids } }) =>
					[ids.phone, ids.lid].includes(parseJid(jid).user),
				);
				if (!known) return node('user', { jid });
				const lid = node('lid', { val: formatJid(this.find(jid).device.ids.lid, LID) });
				const devices = [node('device', { id: '0' })];
				if (this.find(jid).companion) devices.push(node('device', { id: '1', 'key-index': '1' }));
				const list = node('device-list', {}, devices);
				return node('user', { jid }, [node('devices', {}, [list]), ...(isLid(jid) ? [] : [lid])]);
			});
			return result([node('usync', {}, [node('list', {}, users)])]);
		}
		const registration = child(stanza, 'link_code_companion_reg');
		if (registration) {
			this.onPrimaryHello?.(registration);
			return result();
		}
		if (xmlns === 'privacy') return result();
		if (xmlns === 'w:g2') return result(this.group(me, to, stanza));
		throw new Error(`The loopback does not know ${xmlns}`);
	}

	private group(me: Account, to: string, stanza: BinaryNode): BinaryNode[] {
		const [action] = children(stanza);
		const named = children(action, 'participant').map(({ attrs }) => attrs.jid ?? '');
		const own = formatJid(me.device.ids.lid, LID);
		let id = to;
		if (action?.tag === 'create') {
			id = `12036300000000000${++this.lastId}@g.us`;
			this.groups.set(id, [own, ...named]);
		}
		const members = this.groups.get(id) ?? [];
		if (action?.tag === 'add') members.push(...named);
		if (action?.tag === 'remove') {
			this.groups.set(
				id,
				members.filter((member) => !named.includes(member)),
			);
			for (const member of members) {
				const notice = { from: id, type: 'w:gp2', participant: own, id: `n${++this.lastId}` };
				const gone = named.map((jid) => node('participant', { jid }));
				this.push(this.find(member), node('notification', notice, [node('remove', {}, gone)]));
			}
		}
		const participants = members.map((jid) =>
			node('participant', { jid, phone_number: formatJid(this.find(jid).device.ids.phone, PN) }),
		);
		return [
			node('group', { id, subject: action?.attrs.subject, addressing_mode: 'lid' }, participants),
			...(action ? [node(action.tag, {}, children(action))] : []),
		];
	}

	private relay(me: Account, stanza: BinaryNode): void {
		const { tag, attrs } = stanza;
		const to = attrs.to ?? '';
		if (tag === 'message') {
			this.message(me, stanza);
			const ack = { class: 'message', id: attrs.id, from: to, t: this.seconds() };
			this.push(me, node('ack', ack));
		}
		if (tag === 'receipt') {
			const target = isGroup(to) || isStatus(to) ? (attrs.participant ?? '') : to;
			const form = isLid(target) ? LID : PN;
			const mine = formatJid(form === LID ? me.device.ids.lid : me.device.ids.phone, form);
			const many = isGroup(to) || isStatus(to);
			const from = many ? { from: to, participant: mine } : { from: mine };
			const { to: _to, participant: _participant, ...rest } = attrs;
			const relayed = { t: this.seconds(), ...rest, ...from };
			this.push(this.find(target), node(tag, relayed, stanza.content));
		}
		if (tag === 'chatstate' || tag === 'call') {
			this.push(this.find(to), {
				...stanza,
				attrs: { ...attrs, from: formatJid(me.device.ids.lid, LID) },
			});
		}
	}

	private message(me: Account, stanza: BinaryNode): void {
		const { attrs } = stanza;
		const to = attrs.to ?? '';
		const many = isGroup(to) || isStatus(to);
		const shared = children(stanza, 'enc');
		const pairwise = children(child(stanza, 'participants'), 'to');
		const named = attrs.participant ?? (many ? undefined : to);
		const members = isStatus(to) ? pairwise.map((at) => at.attrs.jid ?? '') : this.groups.get(to);
		const targets = new Set(named ? [named] : members);
		for (const target of targets) {
			const account = this.find(target);
			if (account === me) continue;
			const own = pairwise.find((at) => this.find(at.attrs.jid ?? '') === account);
			const lid = isLid(target);
			const from = formatJid(lid ? me.device.ids.lid : me.device.ids.phone, lid ? LID : PN);
			const other = lid
				? { [many ? 'participant_pn' : 'sender_pn']: formatJid(me.device.ids.phone, PN) }
				: { sender_lid: formatJid(me.device.ids.lid, LID) };
			const sender = many ? { from: to, participant: from } : { from };
			const head = { id: attrs.id, type: attrs.type, edit: attrs.edit, notify: me.pushName };
			this.push(
				account,
				node('message', { ...head, ...sender, ...other, t: this.seconds() }, [
					...children(own, 'enc'),
					...shared,
				]),
			);
		}
	}

	private seconds(): string {
		return String(Math.floor(this.now() / 1000));
	}
}
