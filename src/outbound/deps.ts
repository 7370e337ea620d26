/** What the outbound path needs of others. */
import type { GroupMetadata, WAMessage } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import type { Log } from '../log';
import type { JsonObject, Owner } from '../operations';
import type { SafetyDesk } from '../operations/types';
import type { Session } from '../session/session';
import type { AccountSettings } from '../settings';
import type { AccountStorage } from '../storage/roles';
import type { SafetyGate } from './safety';

export interface OutboundDeps {
	settings(): AccountSettings;
	session: Session;
	storage: AccountStorage;
	clock: Clock;
	log: Log;
	assertOwner(): void;
	status(): Promise<JsonObject>;
	numbers: Owner['numbers'];
	erase: Owner['erase'];
	onSend(id: string): void;
	/** Messages sent and received lately. */
	messages: KnownMessages;
	directory: Owner['directory'];
	history: Owner['history'];
	labels: Owner['labels'];
	applied: Owner['applied'];
	call: Owner['call'];
	pastAnswer(
		request: string,
		timeoutMs: number,
		signal: AbortSignal,
	): ReturnType<Owner['pastAnswer']>;
	groupMetadata(jid: string): Promise<GroupMetadata | undefined>;
	groups: Owner['groups'];
	me(): Owner['me'];
	person: Owner['person'];
	safety: SafetyGate & SafetyDesk;
	/** A message to a person was delivered or read for the first time. */
	onReceipt?(kind: 'delivered' | 'read'): void;
}

/** What the inbound path knows of messages. */
export interface KnownMessages {
	keepOwn(message: WAMessage): Promise<void>;
	applied(message: WAMessage): Promise<void>;
	get(id: string): Promise<WAMessage | undefined>;
	fileMoved(id: string, directPath: string): Promise<void>;
	timerOf(chat: string): Promise<number>;
}
