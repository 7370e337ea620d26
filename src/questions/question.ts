/** A question asked in a chat whose answer an execution waits for, and the answer. */
import type { Sealer } from '../auth';
import type { Person } from '../events/types';
import type { Facts } from '../storage/roles';

export type AnswerKind = 'approval' | 'choice' | 'freeText';

/** What is known of it once it was asked. Plain JSON: it travels between processes. */
export type AskedQuestion = {
	/** WhatsApp's id of the message that asks. */
	id: string;
	/** Every message that belongs to it: a long text is followed by its poll. */
	messageIds: string[];
	/** Address of the chat as events name it. */
	chat: string;
	kind: AnswerKind;
	/** What can be chosen; for an approval yes, then no. */
	choices: string[];
	/** Only replies, reactions and votes count; other messages of the chat are about something else. */
	onlyReplies: boolean;
	/** Addresses of the people who may answer; empty = everybody but the number itself. */
	from: string[];
	/** Position in the inbox when it was asked. */
	after: string;
	/** When it was asked, milliseconds since the epoch. */
	askedAt: number;
	/** Nobody waits after this time, milliseconds since the epoch. */
	until?: number;
};

export type Question = AskedQuestion & {
	/** n8n's signed address that lets the execution go on. */
	resume: string;
};

export interface Answer {
	/** False when the time was up. */
	answered: boolean;
	by: 'message' | 'reaction' | 'vote' | null;
	approved?: boolean;
	choice?: string;
	text: string | null;
	from: Person | null;
	/** Id of the message that answers, for Download Media and the like; a vote has the question's. */
	messageId: string | null;
	/** ISO time. */
	at: string;
}

const QUESTION = 'question:';
const ANSWER = 'answer:';
/** For a webhook that comes a second time, and for n8n retrying. */
const KEEP_ANSWER_MS = 7 * 24 * 60 * 60_000;

/** The questions of one number. Any process may read and write; the first answer stays. */
export class QuestionBook {
	constructor(
		private readonly facts: Facts,
		private readonly sealer: Sealer,
	) {}

	async put(question: Question): Promise<void> {
		await this.write(QUESTION + question.id, question);
	}

	async get(id: string): Promise<Question | undefined> {
		return await this.read<Question>(QUESTION + id);
	}

	async remove(id: string): Promise<void> {
		await this.facts.delete([QUESTION + id]);
	}

	async all(): Promise<Question[]> {
		const found: Question[] = [];
		for await (const name of this.facts.keys(QUESTION)) {
			const question = await this.read<Question>(name);
			if (question) found.push(question);
		}
		return found.sort((a, b) => a.askedAt - b.askedAt);
	}

	/** Notes an answer unless there is one; true when there was none. */
	async settle(id: string, answer: Answer): Promise<boolean> {
		const name = ANSWER + id;
		const sealed = this.sealer.seal(name, Buffer.from(JSON.stringify(answer)));
		return (await this.facts.setIfAbsent(name, sealed, KEEP_ANSWER_MS)) === undefined;
	}

	async answerTo(id: string): Promise<Answer | undefined> {
		return await this.read<Answer>(ANSWER + id);
	}

	private async write(name: string, value: object): Promise<void> {
		await this.facts.set(name, this.sealer.seal(name, Buffer.from(JSON.stringify(value))));
	}

	private async read<T>(name: string): Promise<T | undefined> {
		const sealed = await this.facts.get(name);
		if (!sealed) return undefined;
		// We wrote it, and the seal says that nobody has changed it.
		return JSON.parse(Buffer.from(this.sealer.open(name, sealed)).toString('utf8')) as T;
	}
}
