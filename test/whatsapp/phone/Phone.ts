/**
 * A person's phone, as tests see it: it scans, writes, reads and answers as people do. Inside, it is
 * device 0 of its account and encrypts and decrypts for real; on the wire it sends the stanzas that a
 * client sends.
 */
import type { AccountIds, PhoneHost } from '../contract';
import { CodePairing } from './codePairing';
import * as content from './content';
import { PhoneCore } from './core';
import { Devices } from './devices';
import { Groups, type MemberResult } from './groups';
import { History, type PhoneHistory } from './history';
import { lidFor, type Recipient, STATUS, toJid } from './jids';
import { Inbox, type PhoneMessage, type Wanted } from './messages';
import { node } from './nodes';
import { type Companion, Pairing } from './pairing';
import { Peer } from './peer';
import { Presence } from './presence';
import { loadProto, type proto } from './proto';
import { Receiver } from './receive';
import { type PhoneReceipt, type ReceiptKind, Receipts } from './receipts';
import { Sender, type SendOptions, type SentMessage } from './send';

export interface PhoneOptions {
	/** As people write it; only digits count. */
	phone: string;
	/** Digits; made from the phone number if absent. */
	lid?: string;
	pushName?: string;
}

export class Phone {
	readonly ids: AccountIds;
	readonly core: PhoneCore;
	readonly devices: Devices;
	readonly groups: Groups;
	readonly sender: Sender;
	readonly inbox: Inbox;
	readonly receipts: Receipts;
	readonly receiver: Receiver;
	readonly pairing: Pairing;
	readonly codePairing: CodePairing;
	readonly pastMessages: History;
	readonly peer: Peer;
	readonly presence: Presence;

	constructor(host: PhoneHost, options: PhoneOptions) {
		const phone = options.phone.replace(/\D/g, '');
		this.ids = { phone, lid: options.lid ?? lidFor(phone) };
		this.core = new PhoneCore(host, this.ids, options.pushName ?? `+${phone}`);
		this.devices = new Devices(this.core);
		this.groups = new Groups(this.core);
		this.sender = new Sender(this.core, this.devices, this.groups);
		this.inbox = new Inbox(this.core);
		this.receipts = new Receipts(this.core);
		this.receipts.listen(this.sender, this.devices, this.groups);
		this.receiver = new Receiver(this.core, this.inbox, this.receipts);
		this.pastMessages = new History(this.core, this.inbox, this.sender);
		this.peer = new Peer(this.core, this.sender, this.pastMessages, this.receiver);
		this.pairing = new Pairing(this.core, async (jid) => await this.peer.welcome(jid));
		this.codePairing = new CodePairing(this.core, this.pairing);
		this.presence = new Presence(this.core);
	}

	/** A phone with an account, connected and with its keys on the server. */
	static async create(host: PhoneHost, options: PhoneOptions): Promise<Phone> {
		const phone = new Phone(host, options);
		await phone.connect();
		await phone.devices.uploadKeys();
		return phone;
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
		return await this.pairing.scan(qrText);
	}

	/** Links the device that shows this eight-character code. Rejects with a LinkError. */
	async enterCode(code: string): Promise<Companion> {
		return await this.codePairing.enterCode(code);
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

	async sendMessage(
		to: Recipient,
		message: proto.IMessage,
		options?: SendOptions,
	): Promise<SentMessage> {
		return await this.sender.send(toJid(to), message, options);
	}

	/** Resolves when the server has acknowledged it; rejects with MessageRefused when it refuses. */
	async sendText(
		to: Recipient,
		text: string,
		options: SendOptions & content.TextOptions = {},
	): Promise<SentMessage> {
		return await this.sendMessage(to, content.text(text, options, this.lid), options);
	}

	/** A text that cannot be decrypted; when asked again it is sent whole, unless told not to. */
	async sendUndecryptable(
		to: Recipient,
		text: string,
		{ answerRetry = true }: { answerRetry?: boolean | number } = {},
	): Promise<SentMessage> {
		this.receipts.answersRetries = answerRetry;
		return await this.sendText(to, text, { corrupt: true });
	}

	/** The same message once more, under the same id. */
	async sendAgain(sent: SentMessage): Promise<SentMessage> {
		return await this.sender.send(sent.chat, sent.message, { ...sent.options, id: sent.id });
	}

	async reply(to: PhoneMessage, text: string): Promise<SentMessage> {
		return await this.sendText(to.chat, text, { quote: to });
	}

	/** Reacts to a message; an empty emoji takes it back. */
	async react(to: PhoneMessage | SentMessage, emoji: string): Promise<SentMessage> {
		return await this.sendMessage(to.chat, content.reaction(to, emoji, this.core.host.now()));
	}

	async edit(sent: SentMessage, text: string): Promise<SentMessage> {
		return await this.sendMessage(sent.chat, content.edit(sent, text, this.core.host.now()));
	}

	/** Deletes for everyone: an own message, or as a group's admin somebody else's. */
	async revoke(of: PhoneMessage | SentMessage): Promise<SentMessage> {
		return await this.sendMessage(of.chat, content.revoke(of));
	}

	/** Pins a message in its chat for everybody; 0 seconds takes it down. */
	async pinMessage(of: PhoneMessage | SentMessage, seconds = 86_400): Promise<SentMessage> {
		return await this.sendMessage(of.chat, content.pin(of, seconds, this.core.host.now()));
	}

	async sendPoll(
		to: Recipient,
		question: string,
		options: string[],
		selectable?: number,
	): Promise<SentMessage> {
		const nodes = [node('meta', { polltype: 'creation' })];
		return await this.sendMessage(to, content.poll(question, options, selectable), { nodes });
	}

	/** Votes in somebody's poll; no choice takes the vote back. */
	async vote(pollMessage: PhoneMessage, choice: string[]): Promise<SentMessage> {
		const now = this.core.host.now();
		const update = content.vote(pollMessage, choice, pollMessage.from, this.lid, now);
		const nodes = [node('meta', { polltype: 'vote' })];
		return await this.sendMessage(pollMessage.chat, update, { nodes });
	}

	/** A status post for these people. */
	async postStatus(text: string, audience: Recipient[]): Promise<SentMessage> {
		return await this.sendText(STATUS, text, { audience: audience.map(toJid) });
	}

	/** Tells the writers that these messages were read. */
	markRead(...messages: PhoneMessage[]): void {
		this.receipts.read(messages);
	}

	/** Tells the writer that a voice message was played. */
	markPlayed(message: PhoneMessage): void {
		this.receipts.read([message], 'played');
	}

	/** Creates a group and returns its address. */
	async createGroup(subject: string, members: Recipient[]): Promise<string> {
		return await this.groups.create(subject, await this.addresses(members));
	}

	async addToGroup(group: string, ...members: Recipient[]): Promise<MemberResult[]> {
		return await this.groups.change(group, 'add', await this.addresses(members));
	}

	async removeFromGroup(group: string, ...members: Recipient[]): Promise<MemberResult[]> {
		return await this.groups.change(group, 'remove', await this.addresses(members));
	}

	async promote(group: string, ...members: Recipient[]): Promise<MemberResult[]> {
		return await this.groups.change(group, 'promote', await this.addresses(members));
	}

	async demote(group: string, ...members: Recipient[]): Promise<MemberResult[]> {
		return await this.groups.change(group, 'demote', await this.addresses(members));
	}

	/** Shows "typing..." or "recording..." in a chat, or that it stopped. */
	type(to: Recipient, state: 'composing' | 'paused' | 'recording' = 'composing'): void {
		this.presence.chatState(this.core.directory.canonical(toJid(to)), state);
	}

	/** What went wrong inside the phone; empty in a test where nothing should. */
	get problems(): Error[] {
		return this.core.problems;
	}

	/** People by LID, as groups name them. */
	private async addresses(people: Recipient[]): Promise<string[]> {
		return await Promise.all(people.map(async (who) => await this.devices.chatWith(toJid(who))));
	}
}
