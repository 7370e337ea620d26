/** Questions that executions of this process asked: kept with their number, waited for here. */
import type { Sealer } from './auth';
import type { Clock } from './clock';
import type { Log } from './log';
import type { LinkedNumber } from './number';
import { openMarks, QuestionBook, Questions, type Answer, type AskedQuestion } from './questions';
import type { Hold } from './session/pool';
import type { AccountSettings } from './settings';
import type { AccountStorage } from './storage/roles';

export interface AskedQuestionsDeps {
	hold(settings: AccountSettings): Promise<Hold<LinkedNumber>>;
	reader(settings: AccountSettings): Promise<{ storage: AccountStorage; sealer: Sealer }>;
	clock: Clock;
	log: Log;
}

export class AskedQuestions {
	private watched?: Questions;

	constructor(private readonly deps: AskedQuestionsDeps) {}

	async expect(settings: AccountSettings, asked: AskedQuestion, resume: string): Promise<void> {
		await (await this.book(settings)).put({ ...asked, resume });
		await this.watch().expect(settings);
	}

	async answerTo(settings: AccountSettings, question: string): Promise<Answer | undefined> {
		return await (await this.book(settings)).answerTo(question);
	}

	async recover(): Promise<void> {
		await this.watch().recover();
	}

	async stop(): Promise<void> {
		await this.watched?.stop();
	}

	private async book(settings: AccountSettings): Promise<QuestionBook> {
		const { storage, sealer } = await this.deps.reader(settings);
		return new QuestionBook(storage.facts, sealer);
	}

	private watch(): Questions {
		const { hold, clock, log } = this.deps;
		return (this.watched ??= new Questions({
			hold,
			marks: openMarks({ clock, log }),
			clock,
			log: log.room('questions'),
		}));
	}
}
