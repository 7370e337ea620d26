/**
 * A person's phone, as tests see it: it scans, writes, reads and answers as people do. Inside, it is
 * device 0 of its account and encrypts and decrypts for real; on the wire it sends the stanzas that a
 * client sends.
 */
import type { PhoneHost } from '../contract';
import * as content from './content';
import type { MemberResult, PersonalInvite } from './groups';
import { isPn, parseJid, type Recipient, STATUS, toJid } from './jids';
import { LinkedPhone, type PhoneOptions } from './LinkedPhone';
import type { MediaKind } from './media';
import { mediaMessage, type MediaOptions } from './mediaContent';
import type { PhoneMessage } from './messages';
import { node } from './nodes';
import { type proto, toNumber } from './proto';
import type { SendOptions, SentMessage } from './send';

export type { PhoneOptions };

export class Phone extends LinkedPhone {
	/** A phone with an account, connected and with its keys on the server. */
	static async create(host: PhoneHost, options: PhoneOptions): Promise<Phone> {
		const phone = new Phone(host, options);
		await phone.connect();
		await phone.devices.uploadKeys();
		return phone;
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
		return await this.sendText(to, text, { corrupt: true, answerRetries: answerRetry });
	}

	/** A message for phones only, e.g. to be seen once; companions get a notice of this type instead. */
	async sendWithheld(
		to: Recipient,
		message: proto.IMessage,
		type = 'view_once',
	): Promise<SentMessage> {
		return await this.sendMessage(to, message, {
			except: (device) => parseJid(device).device !== 0,
			nodes: [node('unavailable', { type })],
		});
	}

	/** The same message once more, under the same id. */
	async sendAgain(sent: SentMessage): Promise<SentMessage> {
		return await this.sender.send(sent.chat, sent.message, { ...sent.options, id: sent.id });
	}

	async reply(to: PhoneMessage, text: string): Promise<SentMessage> {
		return await this.sendText(to.chat, text, { quote: to });
	}

	/**
	 * Reacts to a message; an empty emoji takes it back.
	 * @param author of a message in an announcement group of a community: reactions are sealed there
	 */
	async react(
		to: PhoneMessage | SentMessage,
		emoji: string,
		author?: string,
	): Promise<SentMessage> {
		const now = this.core.host.now();
		const reaction = author
			? content.sealedReaction(to, emoji, author, this.lid, now)
			: content.reaction(to, emoji, now);
		return await this.sendMessage(to.chat, reaction);
	}

	/** @param sealed as the apps do since May 2026; otherwise readable, as they did before */
	async edit(sent: SentMessage, text: string, sealed = false): Promise<SentMessage> {
		const now = this.core.host.now();
		const me = isPn(sent.chat) ? this.jid : this.lid;
		const edit = sealed ? content.sealedEdit(sent, text, me, now) : content.edit(sent, text, now);
		return await this.sendMessage(sent.chat, edit);
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
		const creator = pollMessage.key.participant ?? pollMessage.from;
		const voter = isPn(creator) ? this.jid : this.lid;
		const update = content.vote(pollMessage, choice, creator, voter, this.core.host.now());
		const nodes = [node('meta', { polltype: 'vote' })];
		return await this.sendMessage(pollMessage.chat, update, { nodes });
	}

	async sendLocation(
		to: Recipient,
		latitude: number,
		longitude: number,
		name?: string,
	): Promise<SentMessage> {
		return await this.sendMessage(to, content.location(latitude, longitude, name));
	}

	/** Sends somebody's contact card. */
	async sendContact(to: Recipient, name: string, number: string): Promise<SentMessage> {
		return await this.sendMessage(to, content.contact(name, number.replace(/\D/g, '')));
	}

	/** Uploads a file and sends it. */
	async sendMedia(
		to: Recipient,
		kind: MediaKind,
		file: Buffer,
		options: MediaOptions & SendOptions = {},
	): Promise<SentMessage> {
		const uploaded = await this.media.upload(file, kind);
		return await this.sendMessage(to, mediaMessage(kind, uploaded, options), options);
	}

	async sendImage(
		to: Recipient,
		image: Buffer,
		options?: MediaOptions & SendOptions,
	): Promise<SentMessage> {
		return await this.sendMedia(to, 'image', image, options);
	}

	/** The decrypted file of a message. The phone keeps it, and can upload it again when asked. */
	async downloadMedia({ message }: { message: proto.IMessage }): Promise<Buffer> {
		return await this.media.download(message);
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

	/** Sends somebody a personal invitation to a group, as `addToGroup` returns it with code 403. */
	async invite(to: Recipient, group: string, invite: PersonalInvite): Promise<SentMessage> {
		const { subject } = await this.groups.info(group);
		return await this.sendMessage(to, content.groupInvite(group, subject, invite));
	}

	/** Joins the group that a message invites to. */
	async acceptInvite({ message, from }: PhoneMessage): Promise<void> {
		const invite = message.groupInviteMessage;
		if (!invite?.groupJid) throw new Error('The message is no invitation');
		const code = invite.inviteCode ?? '';
		const expiration = toNumber(invite.inviteExpiration);
		await this.groups.accept(invite.groupJid, { code, expiration }, from);
	}

	/** Archives a chat, or takes it out again; linked devices see it. */
	async archive(chat: Recipient, archived = true): Promise<void> {
		await this.chats.archive(await this.place(chat), archived);
	}

	/** Mutes a chat until then (milliseconds since the epoch; -1 for good, 0 not at all). */
	async mute(chat: Recipient, until = -1): Promise<void> {
		await this.chats.mute(await this.place(chat), until);
	}

	/** Pins a chat to the top of the list. */
	async pinChat(chat: Recipient, pinned = true): Promise<void> {
		await this.chats.pin(await this.place(chat), pinned);
	}

	/** Marks a chat read or unread on all devices of the account; nobody else is told. */
	async markChatRead(chat: Recipient, read = true): Promise<void> {
		await this.chats.markRead(await this.place(chat), read);
	}

	/** Saves somebody in the address book; `undefined` takes them out. */
	async saveContact(person: Recipient, name: string | undefined): Promise<void> {
		// Who hands over a phone has its number at hand, as one does for the address book.
		const known = typeof person === 'string' ? person : `+${person.ids.phone}`;
		await this.chats.saveContact(await this.place(known), name);
	}

	/** Shows "typing..." or "recording..." in a chat, or that it stopped. */
	type(to: Recipient, state: 'composing' | 'paused' | 'recording' = 'composing'): void {
		this.presence.chatState(this.core.directory.canonical(toJid(to)), state);
	}

	/** People by LID, as groups name them. */
	private async addresses(people: Recipient[]): Promise<string[]> {
		return await Promise.all(people.map(async (who) => await this.place(who)));
	}

	/** The address of a chat; a person's LID, which the server may have to be asked for. */
	private async place(chat: Recipient): Promise<string> {
		return await this.devices.chatWith(toJid(chat));
	}
}
