/** submit -> safety: what one message has to pass before it goes out, and what became of it. */
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import type { JsonObject, SafetyWish } from '../operations/types';
import type { Outgoing, Pass } from '../outbound/safety';
import { isGroup, isNewsletter, isPerson, isStatus } from '../wa/ids';
import type { Book, Sent } from './book';
import { contentFacts } from './content';
import { decide } from './decide';
import { isListed } from './guardrails';
import { limitsNow } from './limits';
import { typingTime } from './pace';
import { begins, lineOf, relationOf, weightOf } from './relation';
import { HeldBack, Room } from './room';
import type { Ask, Decision, PersonFacts, SafetySettings, TextFacts } from './types';

const KEYS_KEPT = 2_000;
/** What is left of the command's time for sending itself. */
const SENDING_MS = 20_000;

export interface GateDeps {
	book: Book;
	settings(): SafetySettings;
	/** Resolves when everything that has happened is in the book. */
	caughtUp(): Promise<void>;
	/** Asks WhatsApp how the account stands, if that is not known. */
	freshWord(): Promise<void>;
	/** Writes what was taken up, before a new conversation begins. */
	flush(): Promise<void>;
	/** All addresses of a person, this one included. */
	addressesOf(jid: string): Promise<string[]>;
	isMe(jid: string): boolean;
	isSaved(jid: string): boolean;
	sharesGroup(addresses: readonly string[]): Promise<boolean>;
	held(decision: Exclude<Decision, { kind: 'go' }>): void;
	refused(to: string, code: number, rests: boolean): void;
	clock: Clock;
}

/** One message with all that is known about it. */
interface Known {
	/** Of the person, group or channel; what happens while it waits is in it. */
	readonly person: PersonFacts;
	text?: { fingerprint: string; facts: TextFacts };
	characters: number;
	askAt(now: number): Ask;
}

export class Gate {
	readonly room: Room;
	/** Commands that were let through, by key and chat, so that an album counts once. */
	private readonly admitted = new Map<string, string>();

	constructor(private readonly deps: GateDeps) {
		this.room = new Room(deps.clock);
	}

	/** See SafetyGate. */
	async pass(outgoing: Outgoing, signal: AbortSignal): Promise<Pass> {
		const { deps } = this;
		const known = await this.know(outgoing);
		const { command } = outgoing;
		const wish = command.safety ?? {};
		const now = deps.clock.now();
		const end = Math.max(now, command.deadline - SENDING_MS);
		const limitUntil = wish.atLimit === 'wait' ? Math.min(end, now + (wish.waitMs ?? 0)) : now;
		try {
			const letOut = await this.room.enter({
				decide: (at) => this.decide(known, at),
				admit: (_decision, at) => this.admit(outgoing, known, at),
				pauseUntil: end,
				limitUntil,
				signal,
			});
			if (letOut.durable) await deps.flush();
			return letOut.pass;
		} catch (error) {
			if (!(error instanceof HeldBack)) throw error;
			deps.held(error.decision);
			throw heldError(error.decision);
		}
	}

	/** What would be decided now, for dry runs and Check Recipient. */
	async preview(all: readonly Outgoing[]): Promise<JsonObject[]> {
		const said: JsonObject[] = [];
		let ahead = 0;
		for (const outgoing of all) {
			const known = await this.know(outgoing);
			const now = this.deps.clock.now();
			const ask = { ...known.askAt(now), ahead };
			const decision = this.decideOn(ask, known.person, now);
			const goes = decision.kind === 'go' || decision.of === 'pace';
			if (goes && begins(ask, known.person, now)) ahead += weightOf(known.person);
			said.push(this.foretell(decision, ask, known.person, now));
		}
		return said;
	}

	private foretell(decision: Decision, ask: Ask, person: PersonFacts, now: number): JsonObject {
		const wait = decision.kind === 'wait' ? decision : undefined;
		const isPause = wait?.of === 'pace';
		const time = (at: number | undefined) => (at ? new Date(at).toISOString() : null);
		return {
			allowed: decision.kind === 'go' || isPause,
			possibleAt: decision.kind === 'refuse' ? null : time(wait?.until ?? now),
			rule: decision.kind === 'go' || isPause ? null : decision.rule,
			because: decision.kind === 'go' || isPause ? null : decision.because,
			relation: relationOf(ask, person),
			isReply: lineOf(ask, person, now) === 'reply',
			lastFromThem: time(person.inAt),
			lastToThem: time(person.outAt),
			unanswered: person.inAt === 0 ? person.unanswered.length : 0,
		};
	}

	private async know(outgoing: Outgoing): Promise<Known> {
		const { to, command, message } = outgoing;
		const { deps } = this;
		await deps.caughtUp();
		const { book } = deps;
		const chat = this.chatOf(to);
		const addresses = chat === 'person' ? await deps.addressesOf(to) : [to];
		const other = addresses.find((each) => each !== to);
		const content = contentFacts(message);
		const person = await book.people.load(to, other);
		const saved = addresses.some((jid) => deps.isSaved(jid));
		await this.askWhoItIs(chat, saved, person, addresses);
		const counted =
			content.act === 'message' &&
			chat !== 'self' &&
			Number.isFinite(deps.settings().limits.sameText);
		const fingerprint = counted ? content.fingerprint(book.textKey) : undefined;
		const text = fingerprint
			? { fingerprint, facts: await book.texts.load(fingerprint) }
			: undefined;
		return {
			get person() {
				return book.people.current(to) ?? person;
			},
			text,
			characters: content.characters,
			askAt: (now) => ({
				chat,
				saved,
				act: outgoing.joins ? 'add' : content.act,
				together: outgoing.together,
				sameText: text ? book.texts.others(text.facts, to, now) : [],
				continued: this.isContinued(outgoing, book.people.current(to) ?? person),
				overLimits: command.safety?.atLimit === 'send',
				...this.guardrails(addresses, command.safety ?? {}),
			}),
		};
	}

	/** Before somebody counts as a stranger: is it known from a group, and what does WhatsApp say? */
	private async askWhoItIs(
		chat: Ask['chat'],
		saved: boolean,
		person: PersonFacts,
		addresses: readonly string[],
	): Promise<void> {
		const { deps } = this;
		if (chat !== 'person' || person.inAt > 0) return;
		const isStranger = !saved && !person.established && !person.member;
		if (isStranger && Number.isFinite(deps.settings().limits.newPerDay)) {
			if (await deps.sharesGroup(addresses)) person.member = true;
		}
		await deps.freshWord();
	}

	private decide(known: Known, now: number): Decision {
		return this.decideOn(known.askAt(now), known.person, now);
	}

	private decideOn(ask: Ask, person: PersonFacts, now: number): Decision {
		const { book, settings } = this.deps;
		return decide(ask, person, book.account, settings(), now);
	}

	private admit({ to, id, command, joins }: Outgoing, known: Known, now: number) {
		const { deps } = this;
		const { person, characters } = known;
		const ask = known.askAt(now);
		const isReply = lineOf(ask, person, now) === 'reply';
		const limits = limitsNow(deps.settings().limits, deps.book.account, now);
		const text = isReply || ask.continued ? undefined : known.text;
		const over = this.goesOver(known, ask, now);
		const sent = deps.book.send({ jid: to, person, ask, id, text }, now);
		// An invitation that is sent instead is a message of its own.
		if (!joins) this.remember(command.idempotencyKey, to, id);
		const shown = ask.chat === 'person' && ask.act === 'message' && !ask.continued;
		return {
			pass: this.passOf(to, sent, shown ? typingTime(limits, characters) : 0, over),
			// What no limit looks at may be written a moment later.
			durable:
				ask.chat === 'person' &&
				person.inAt === 0 &&
				!ask.continued &&
				Number.isFinite(limits.unansweredTotal),
		};
	}

	private passOf(to: string, sent: Sent, typingMs: number, over: boolean): Pass {
		const { book, clock, refused } = this.deps;
		return {
			typingMs,
			sent: (status) => {
				sent.sent(status);
				if (over) book.tally.count('over', clock.now(), clock.now());
				this.room.poke();
			},
			rejected: (code) => {
				const came = sent.rejected(code);
				if (came) refused(to, code, came.rests);
				this.room.poke();
			},
			unused: () => {
				sent.unused();
				this.room.poke();
			},
		};
	}

	/** Whether a limit is in the way that the node said to go over. */
	private goesOver({ person }: Known, ask: Ask, now: number): boolean {
		if (!ask.overLimits) return false;
		const strict = this.decideOn({ ...ask, overLimits: false }, person, now);
		return strict.kind !== 'go' && strict.of === 'limit';
	}

	private guardrails(addresses: readonly string[], wish: SafetyWish) {
		const settings = this.deps.settings();
		return {
			onlyReplies: settings.onlyReplies || wish.onlyReplies === true,
			onlyWroteFirst: settings.recipients === 'wroteFirst' || wish.recipients === 'wroteFirst',
			listed: isListed(addresses, [
				...(settings.recipients === 'list' ? [settings.list] : []),
				...(wish.recipients === 'list' ? [wish.list ?? []] : []),
			]),
		};
	}

	private chatOf(to: string): Ask['chat'] {
		if (this.deps.isMe(to)) return 'self';
		if (isPerson(to)) return 'person';
		if (isGroup(to)) return 'group';
		if (isNewsletter(to)) return 'channel';
		if (isStatus(to)) return 'status';
		return 'group';
	}

	private isContinued({ to, id, command }: Outgoing, person: PersonFacts): boolean {
		const first = this.admitted.get(`${command.idempotencyKey}\n${to}`);
		return person.lastIds.includes(id) || (first !== undefined && first !== id);
	}

	private remember(key: string, to: string, id: string): void {
		const name = `${key}\n${to}`;
		if (!this.admitted.has(name)) this.admitted.set(name, id);
		for (const oldest of this.admitted.keys()) {
			if (this.admitted.size <= KEYS_KEPT) break;
			this.admitted.delete(oldest);
		}
	}
}

/** What people read, with the time when it becomes possible. */
export function heldError(decision: Exclude<Decision, { kind: 'go' }>): LinkedError {
	const { because, rule, of } = decision;
	if (of === 'guardrail') return new LinkedError('guardrail', { detail: because, data: { rule } });
	if (decision.kind === 'refuse') {
		return new LinkedError('safety-limit', { detail: because, data: { rule } });
	}
	const possibleAt = new Date(decision.until).toISOString();
	return new LinkedError('safety-limit', {
		detail: `${because} Possible from ${possibleAt}.`,
		data: { rule, possibleAt },
	});
}
