/**
 * The raw side of receiving, before Baileys: stanzas are put in order (intake.ts), stored until their
 * events are in the inbox (journal.ts, notices.ts), and taken up after a crash (replay.ts).
 */
import type {
	AuthenticationCreds,
	AuthenticationState,
	BinaryNode,
	SignalAuthState,
	SignalRepositoryWithLIDStore,
	WAMessage,
	WASocket,
} from '@whiskeysockets/baileys';
import type { Auth } from '../auth';
import type { Baileys } from '../baileys';
import type { Clock } from '../clock';
import type { GivenUp } from '../events/types';
import type { Log } from '../log';
import type { Journal as StoredJournal } from '../storage/roles';
import { AppState, storeKeys } from './appState';
import { Intake } from './intake';
import { Journal } from './journal';
import { Notices } from './notices';
import { showPostChange } from './postChanges';
import { leftBehind, replay } from './replay';
import { messageOf, showViewOnce, withheld } from './stanza';

export interface StanzasDeps {
	baileys: Baileys;
	journal: StoredJournal;
	me(): AuthenticationCreds['me'];
	/** Whether some trigger asks for an event that is stored on demand only. */
	isWanted(event: string): boolean;
	/** A message of which WhatsApp tells linked devices without giving it to them. */
	onWithheld(message: GivenUp): void;
	/** What is told in this turn of the event loop comes into the inbox in one write with these dropped. */
	together(drops: readonly string[]): void;
	/** Drops journal entries once everything taken in so far is in the inbox. */
	drop(ids: readonly string[]): Promise<void>;
	clock: Clock;
	log: Log;
}

export class Stanzas {
	private readonly journal: Journal;
	private readonly notices: Notices;
	private readonly intake: Intake;
	private readonly appState: AppState;
	/** Which stanza a message of the journal came in. */
	private readonly stanzaOf = new WeakMap<WAMessage, string>();

	constructor(private readonly deps: StanzasDeps) {
		const { clock, log } = deps;
		this.journal = new Journal((stanza) => this.intake.begun(stanza));
		this.notices = new Notices(deps);
		this.appState = new AppState(deps);
		this.intake = new Intake({
			keeps: (node) => this.notices.keeps(node),
			store: async (node, keys) => await this.notices.store(node, keys),
			clock,
			log,
		});
	}

	/** What a former process or session received but did not bring into the inbox. */
	async recover(auth: Auth): Promise<{ messages: WAMessage[]; missing: WAMessage[] }> {
		const { baileys, log } = this.deps;
		this.journal.forget();
		const left = await leftBehind(this.deps.journal, auth, log);
		await this.appState.goBack(left.places, auth);
		for (const notice of left.notices) this.notices.remember(notice);
		for (const entry of left.messages) this.journal.remember(entry);
		const { creds } = auth.state;
		const { messages, missing } = await replay({
			entries: left.messages,
			creds,
			baileys,
			log,
		});
		for (const { message, key } of [...messages, ...missing]) this.stanzaOf.set(message, key);
		await storeKeys(
			messages.map(({ message }) => message),
			auth,
		);
		return {
			messages: messages.map(({ message }) => message),
			missing: missing.map(({ message }) => message),
		};
	}

	/** Call it with each opened session, after what was left behind has been taken up. */
	guard(auth: Auth): void {
		this.appState.guard(auth);
	}

	/** Whether a message is one that a former process received. */
	isReplayed(message: WAMessage): boolean {
		return this.stanzaOf.has(message);
	}

	/** Listens on a new socket before its first stanza. */
	attach(socket: WASocket, { keys }: AuthenticationState): void {
		this.journal.attach(socket);
		socket.ws.prependListener('CB:message', (node: BinaryNode) => this.look(node));
		this.intake.attach(socket, keys);
	}

	/** What a former process left is read from the server again, or given to this socket; once it is open. */
	repeat(socket: WASocket): void {
		this.notices.repeat(socket);
		this.appState.repeat(socket);
	}

	wrapRepository(
		repository: SignalRepositoryWithLIDStore,
		auth: SignalAuthState,
	): SignalRepositoryWithLIDStore {
		return this.journal.wrap(repository, auth);
	}

	/** Whether stanzas have come that Baileys has not begun with. */
	get isBusy(): boolean {
		return this.intake.isBusy;
	}

	/** Messages that are stored and not in the inbox yet. */
	get size(): number {
		return this.journal.size;
	}

	/** Which journal entries belong to a message that the inbox is about to take; forgets them here. */
	settle(message: WAMessage): string[] {
		return this.journal.settle(message.key.id ?? '', this.stanzaOf.get(message));
	}

	/** Call it when the socket is closed. */
	async flush(): Promise<void> {
		await this.notices.settle();
	}

	stop(): void {
		this.notices.stop();
	}

	/** At messages that Baileys would drop without a word, or not understand. */
	private look(node: BinaryNode): void {
		showViewOnce(node);
		showPostChange(node, this.deps.baileys);
		const reason = withheld(node);
		const me = this.deps.me();
		if (!reason || !me) return;
		this.deps.onWithheld({ message: messageOf(node, me, this.deps.baileys), reason, retries: 0 });
	}
}
