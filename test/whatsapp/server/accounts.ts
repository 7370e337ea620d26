/** Who exists: accounts with their devices. Everything a person or a phone would set lives here. */
import type { AccountIds } from '../contract';
import { AppState } from './appState';
import { formatJid, LID, parseJid, PN } from './jids';
import type { Picture } from './iq/picture';
import { Outbox, type Wire } from './outbox';

export interface PreKey {
	/** Three bytes, big-endian. */
	readonly id: Buffer;
	readonly value: Buffer;
}

/** What others need to start a Signal session with a device. */
export interface KeyBundle {
	/** Four bytes, big-endian. */
	readonly registration: Buffer;
	readonly identity: Buffer;
	readonly signedPreKey: PreKey & { readonly signature: Buffer };
	/** Each is handed out once. */
	readonly oneTime: PreKey[];
}

/** A device's live connection. */
export interface Connected extends Wire {
	/** Ends the connection after what was sent before has gone out. */
	close(): void;
}

export interface BusinessProfile {
	description: string;
	address: string;
	email: string;
	website: string;
	category: string;
	/** Opening hours; times in minutes from midnight. */
	hours?: {
		timezone: string;
		days: Array<{ day_of_week: string; mode: string; open_time?: number; close_time?: number }>;
	};
}

export type DirtyType = 'account_sync' | 'groups';

export class Device {
	/** Set for companions: what their login is checked against. */
	noiseKey?: Buffer;
	/** Companions: `ADVSignedDeviceIdentity` with the device's own signature. */
	signedIdentity?: Buffer;
	keyIndex = 0;
	platform = '';
	bundle?: KeyBundle;
	/** A low-count notice is out and no upload came since. */
	lowKeysNoticed = false;
	online?: Connected;
	/** How often it logged in, and how often while another line of it was still there. */
	readonly logins = { all: 0, beside: 0 };
	/** Shown as available to those who subscribed. */
	available = false;
	/**
	 * What the device is to fetch anew at its next login: what changed while it was away. (A new
	 * device would get all of them. Not here by default: Baileys rc14 leaves a rejected promise behind
	 * when the line breaks while it answers a dirty bit.)
	 */
	readonly dirty = new Set<DirtyType>();
	readonly outbox = new Outbox();

	constructor(
		readonly account: Account,
		readonly id: number,
	) {}

	get pn(): string {
		return formatJid(this.account.phone, PN, this.id);
	}

	get lid(): string {
		return formatJid(this.account.lid, LID, this.id);
	}

	/** The device's address in the same form (LID or phone number) as `like`. */
	addressLike(like: string | undefined): string {
		return parseJid(like)?.server === LID ? this.lid : this.pn;
	}
}

export class Account {
	readonly devices = new Map<number, Device>();
	pushName: string;
	/** LIDs (without server) of those this account has blocked. */
	readonly blocked = new Set<string>();
	/** Privacy tokens given to this account, by the LID of who gave it. */
	readonly tokensHeld = new Map<string, Buffer>();
	/** Privacy categories and their values, as a new account has them. */
	readonly privacy = new Map<string, string>([
		['last', 'all'],
		['online', 'all'],
		['profile', 'all'],
		['status', 'all'],
		['readreceipts', 'all'],
		['groupadd', 'all'],
		['calladd', 'all'],
		['messages', 'all'],
	]);
	readonly appState = new AppState();
	picture?: Picture;
	/** Others only ever see the LID, unless they know the number already. */
	hidesNumber = false;
	business?: BusinessProfile;
	/** A name by which people can be found without their number. */
	username?: string;
	/** The about text. */
	about = { text: '', at: 0 };
	/** Seconds that new chats keep their messages; 0 = for ever. */
	disappearing = { seconds: 0, at: 0 };
	/** Counts up and is never used again, as device numbers on the real service. */
	private lastDevice = 0;

	constructor(
		readonly ids: AccountIds,
		pushName: string,
	) {
		this.pushName = pushName;
		this.devices.set(0, new Device(this, 0));
	}

	get phone(): string {
		return this.ids.phone;
	}

	get lid(): string {
		return this.ids.lid;
	}

	get pnJid(): string {
		return formatJid(this.phone, PN);
	}

	/** The phone number as the server tells it to others; some people hide it. */
	get shownPn(): string | undefined {
		return this.hidesNumber ? undefined : this.pnJid;
	}

	/** The address in notices about the account that nobody asked for. */
	get noticeJid(): string {
		return this.shownPn ?? this.lidJid;
	}

	get lidJid(): string {
		return formatJid(this.lid, LID);
	}

	get primary(): Device {
		return this.device(0) as Device;
	}

	device(id: number): Device | undefined {
		return this.devices.get(id);
	}

	addCompanion(): Device {
		this.lastDevice += 1;
		const device = new Device(this, this.lastDevice);
		device.keyIndex = this.lastDevice;
		this.devices.set(device.id, device);
		return device;
	}

	/** Devices that are away have to fetch this anew. */
	markDirty(type: DirtyType): void {
		for (const device of this.devices.values()) {
			if (!device.online && device.id !== 0) device.dirty.add(type);
		}
	}

	/** The account's address in the same form as `like`. */
	addressLike(like: string | undefined): string {
		return parseJid(like)?.server === LID ? this.lidJid : this.pnJid;
	}

	/** The address in the other form than `like`; undefined when that is a hidden number. */
	otherAddress(like: string | undefined): string | undefined {
		return parseJid(like)?.server === LID ? this.shownPn : this.lidJid;
	}
}

export class Accounts {
	private readonly byPhone = new Map<string, Account>();
	private readonly byLid = new Map<string, Account>();

	/** Other ways to write numbers, e.g. Brazilian ones without the ninth digit; digits only. */
	readonly otherSpellings = new Map<string, Account>();

	all(): Iterable<Account> {
		return this.byPhone.values();
	}

	ensure(ids: AccountIds, pushName: string): Account {
		const known = this.byPhone.get(ids.phone);
		if (known) {
			known.pushName = pushName;
			return known;
		}
		if (this.byLid.has(ids.lid)) throw new Error(`LID ${ids.lid} belongs to another number`);
		const account = new Account(ids, pushName);
		this.byPhone.set(ids.phone, account);
		this.byLid.set(ids.lid, account);
		return account;
	}

	/** By phone number, `...@s.whatsapp.net` or `...@lid`, with or without a device. */
	find(address: string | undefined): Account | undefined {
		const jid = parseJid(address);
		if (!jid) return this.byPhone.get((address ?? '').replace(/\D/g, ''));
		return jid.server === LID ? this.byLid.get(jid.user) : this.byPhone.get(jid.user);
	}

	findDevice(address: string | undefined): Device | undefined {
		const device = parseJid(address)?.device ?? 0;
		return this.find(address)?.device(device);
	}
}
