/**
 * The base of a person's phone: who it is, its rooms, its connection, its linked devices and what it
 * has received.
 */
import type { AccountIds, PhoneHost } from '../contract';
import { AppState } from './appState';
import { Channels } from './channels';
import { ChatSettings } from './chats';
import { CodePairing } from './codePairing';
import { PhoneCore } from './core';
import { Devices } from './devices';
import { Groups } from './groups';
import { History, type PhoneHistory } from './history';
import { lidFor, type Recipient, toJid } from './jids';
import { Media } from './media';
import { Inbox, type PhoneMessage, type Wanted } from './messages';
import { type Companion, Pairing } from './pairing';
import { Peer } from './peer';
import { Presence } from './presence';
import { Profile } from './profile';
import { loadProto } from './proto';
import { Receiver } from './receive';
import { type PhoneReceipt, type ReceiptKind, Receipts } from './receipts';
import { Sender } from './send';
import { Tokens } from './tokens';

export interface PhoneOptions {
	/** As people write it; only digits count. */
	phone: string;
	/** Digits; made from the phone number if absent. */
	lid?: string;
	pushName?: string;
}

export class LinkedPhone {
	readonly ids: AccountIds;
	/** What the app says it is when it links a device; `smba` and `smbi` are WhatsApp Business. */
	platform = 'android';
	readonly core: PhoneCore;
	readonly devices: Devices;
	readonly groups: Groups;
	readonly sender: Sender;
	readonly tokens: Tokens;
	readonly inbox: Inbox;
	readonly receipts: Receipts;
	readonly receiver: Receiver;
	readonly channels: Channels;
	readonly pairing: Pairing;
	readonly codePairing: CodePairing;
	readonly pastMessages: History;
	readonly peer: Peer;
	readonly presence: Presence;
	/** Picture, about text, blocked people, privacy. */
	readonly profile: Profile;
	readonly media: Media;
	readonly appState: AppState;
	/** What the person sets about chats and contacts: archive, mute, pin, names ... */
	readonly chats: ChatSettings;

	constructor(host: PhoneHost, options: PhoneOptions) {
		const phone = options.phone.replace(/\D/g, '');
		this.ids = { phone, lid: options.lid ?? lidFor(phone) };
		this.core = new PhoneCore(host, this.ids, options.pushName ?? `+${phone}`);
		this.devices = new Devices(this.core);
		this.groups = new Groups(this.core);
		this.tokens = new Tokens(this.core);
		this.sender = new Sender(this.core, this.devices, this.groups, this.tokens);
		this.inbox = new Inbox(this.core);
		this.receipts = new Receipts(this.core);
		this.receipts.listen(this.sender, this.devices);
		this.channels = new Channels(this.core, this.inbox);
		this.receiver = new Receiver(this.core, this.inbox, this.receipts, this.channels);
		this.pastMessages = new History(this.core, this.inbox, this.sender);
		this.peer = new Peer(this.core, this.sender, this.pastMessages, this.receiver);
		this.appState = new AppState(this.core, this.peer.appStateKey, ({ value }) => {
			// The account has one name, wherever it was changed.
			const name = value?.pushNameSetting?.name;
			if (name) this.core.pushName = name;
		});
		this.chats = new ChatSettings(this.core, this.appState);
		this.media = new Media(this.core, this.inbox, this.sender);
		this.pairing = new Pairing(this.core, async (jid) => await this.welcome(jid));
		this.codePairing = new CodePairing(this.core, this.pairing);
		this.presence = new Presence(this.core);
		this.profile = new Profile(this.core);
	}

	/** Digits of the own number. */
	get number(): string {
		return this.ids.phone;
	}

	/** Own address by phone number. */
	get jid(): string {
		return this.core.pn;
	}

	/** Own address by LID. */
	get lid(): string {
		return this.core.lid;
	}

	/**
	 * Comes online: what waited on the server arrives now. An in-process link counts as active from
	 * the start, so there is no passive iq as a client sends it.
	 */
	async connect(): Promise<void> {
		await loadProto();
		this.core.connect();
	}

	/** Goes offline (no network): the server keeps what comes in. */
	disconnect(): void {
		this.core.disconnect();
	}

	/** Links the device that shows this QR. Rejects with a LinkError that says what is wrong. */
	async scan(qrText: string): Promise<Companion> {
		return await this.pairing.scan(qrText, this.platform);
	}

	/** Links the device that shows this eight-character code. Rejects with a LinkError. */
	async enterCode(code: string): Promise<Companion> {
		return await this.codePairing.enterCode(code, this.platform);
	}

	/** Logs a linked device out; all of them if none is named. */
	unlink(device?: number): void {
		for (const each of device === undefined ? [...this.pairing.companions] : [device]) {
			this.pairing.unlink(each);
		}
	}

	/** Device numbers of the linked devices. */
	get companions(): number[] {
		return [...this.pairing.companions];
	}

	/** What a companion is told of the past; by default what this phone has sent and received. */
	set history(history: PhoneHistory | undefined) {
		this.pastMessages.content = history;
	}

	get history(): PhoneHistory | undefined {
		return this.pastMessages.content;
	}

	/** Messages that others, and the own companions, have sent; oldest first. */
	get messages(): PhoneMessage[] {
		return this.inbox.messages;
	}

	/** Resolves with a message by text or condition, also if it is already there. */
	async waitForMessage(wanted: Wanted, timeoutMs?: number): Promise<PhoneMessage> {
		return await this.inbox.wait(wanted, timeoutMs);
	}

	async waitForReceipt(id: string, kind: ReceiptKind, from?: Recipient): Promise<PhoneReceipt> {
		return await this.receipts.wait(id, kind, from && toJid(from));
	}

	/** Resolves with the first value of `probe` that is not undefined; probed when anything changes. */
	async waitUntil<T>(what: string, probe: () => T | undefined, timeoutMs?: number): Promise<T> {
		return await this.core.waits.until(what, probe, timeoutMs);
	}

	/** What went wrong inside the phone; empty in a test where nothing should. */
	get problems(): Error[] {
		return this.core.problems;
	}

	/** What a new companion finds: the account's name in the app state, then keys and history. */
	private async welcome(companion: string): Promise<void> {
		const named = this.appState.collection('critical_block').get(['setting_pushName']);
		if (!named) await this.chats.setPushName(this.core.pushName);
		await this.peer.welcome(companion);
	}
}
