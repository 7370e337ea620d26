/** What a person sets on the phone about chats and contacts; companions see it through app state. */
import type { AppState, CollectionName, Mutation } from './appState';
import type { PhoneCore } from './core';
import { isLid } from './jids';
import type { PhoneMessage } from './messages';
import { node } from './nodes';
import type { proto } from './proto';
import type { SentMessage } from './send';

export class ChatSettings {
	constructor(
		private readonly core: PhoneCore,
		private readonly appState: AppState,
	) {}

	async archive(chat: string, archived = true): Promise<void> {
		await this.set('regular_low', ['archive', this.place(chat)], 3, {
			archiveChatAction: { archived, messageRange: { lastMessageTimestamp: this.core.seconds } },
		});
	}

	/** @param until milliseconds since the epoch; -1 = for good, 0 = not muted */
	async mute(chat: string, until: number): Promise<void> {
		await this.set('regular_high', ['mute', this.place(chat)], 2, {
			muteAction: { muted: until !== 0, muteEndTimestamp: until || undefined },
		});
	}

	async pin(chat: string, pinned = true): Promise<void> {
		await this.set('regular_low', ['pin_v1', this.place(chat)], 5, { pinAction: { pinned } });
	}

	async markRead(chat: string, read = true): Promise<void> {
		await this.set('regular_low', ['markChatAsRead', this.place(chat)], 3, {
			markChatAsReadAction: {
				read,
				messageRange: { lastMessageTimestamp: this.core.seconds },
			},
		});
	}

	async star(message: PhoneMessage | SentMessage, starred = true): Promise<void> {
		const { id, fromMe, participant } = message.key;
		const author = participant && !fromMe ? participant : '0';
		const index = ['star', this.place(message.chat), id ?? '', fromMe ? '1' : '0', author];
		await this.set('regular_low', index, 2, { starAction: { starred } });
	}

	async deleteForMe(message: PhoneMessage | SentMessage): Promise<void> {
		const { id, fromMe, participant } = message.key;
		const author = participant && !fromMe ? participant : '0';
		const chat = this.place(message.chat);
		const index = ['deleteMessageForMe', chat, id ?? '', fromMe ? '1' : '0', author];
		await this.set('regular_high', index, 3, {
			deleteMessageForMeAction: { deleteMedia: false, messageTimestamp: this.core.seconds },
		});
	}

	async deleteChat(chat: string): Promise<void> {
		await this.set('regular_high', ['deleteChat', this.place(chat), '1'], 6, {
			deleteChatAction: { messageRange: { lastMessageTimestamp: this.core.seconds } },
		});
	}

	/** Saves somebody in the address book; `undefined` takes them out. */
	async saveContact(person: string, fullName: string | undefined): Promise<void> {
		const { directory } = this.core;
		const lid = directory.canonical(person);
		// Address books know numbers; only who has none is saved by LID (assumed).
		const id = isLid(person) ? (directory.otherForm(person) ?? person) : person;
		const contactAction = {
			fullName,
			firstName: fullName?.split(' ')[0],
			lidJid: isLid(lid) ? lid : undefined,
			saveOnPrimaryAddressbook: true,
		};
		const value = fullName === undefined ? undefined : { contactAction };
		await this.set('critical_unblock_low', ['contact', id], 2, value);
	}

	/** The account's own name: others see it with its messages, companions get it by app state. */
	async setPushName(name: string): Promise<void> {
		this.core.pushName = name;
		this.core.send(node('presence', { name }));
		await this.set('critical_block', ['setting_pushName'], 1, { pushNameSetting: { name } });
	}

	/** Makes a label; `undefined` deletes it. */
	async label(id: string, name: string | undefined, color = 0): Promise<void> {
		await this.set('regular', ['label_edit', id], 3, {
			labelEditAction: { name: name ?? '', color, deleted: name === undefined },
		});
	}

	async labelChat(chat: string, labelId: string, labeled = true): Promise<void> {
		await this.set('regular', ['label_jid', labelId, this.place(chat)], 3, {
			labelAssociationAction: { labeled },
		});
	}

	private place(chat: string): string {
		return this.core.directory.canonical(chat);
	}

	private async set(
		name: CollectionName,
		index: string[],
		version: number,
		value: proto.ISyncActionValue | undefined,
	): Promise<void> {
		const timestamped = value && { timestamp: this.core.host.now(), ...value };
		const mutation: Mutation = { index, version, value: timestamped };
		await this.appState.patch(name, mutation);
	}
}
