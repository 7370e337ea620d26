/** Answers found in the inbox, on the memory storage, with an n8n that is a function. */
import { randomUUID } from 'node:crypto';
import { createSealer } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { pack } from '../../src/inbound/envelope';
import { silentLog } from '../../src/log';
import { QuestionBook, type Question } from '../../src/questions/question';
import type { ResumeOutcome } from '../../src/questions/resume';
import { QuestionWatch } from '../../src/questions/watch';
import { openStorage } from '../../src/storage/open';
import { inChat } from '../../src/events/samples';
import type { LinkedEvent } from '../../src/events';
import { until } from '../helpers/until';

const sealer = createSealer('a key', 'number');
const storage = openStorage({ kind: 'memory' }, { clock: systemClock, log: silentLog });
const CHAT = '200000000000101@lid';

let account: ReturnType<typeof storage.account>;
let book: QuestionBook;
let calls: Array<{ address: string; method: string }>;
let outcome: (method: string) => ResumeOutcome;
const watches: QuestionWatch[] = [];

beforeEach(() => {
	account = storage.account(randomUUID());
	book = new QuestionBook(account.facts, sealer);
	calls = [];
	outcome = (method) => (method === 'POST' ? 'resumed' : 'waiting');
});
afterEach(() => {
	for (const watch of watches.splice(0)) watch.stop();
});
afterAll(async () => await storage.close());

function start() {
	const watch = new QuestionWatch({
		book,
		inbox: account.inbox,
		sealer,
		resume: async (address, method) => {
			calls.push({ address, method });
			return outcome(method);
		},
		clock: systemClock,
		log: silentLog,
	});
	watches.push(watch);
	return watch.run();
}

async function ask(id: string, more: Partial<Question> = {}) {
	const question: Question = {
		id,
		messageIds: [id],
		chat: CHAT,
		kind: 'freeText',
		choices: [],
		onlyReplies: false,
		from: [],
		resume: `http://n8n/${id}`,
		after: await account.inbox.end(),
		// As if it had been asked a while ago, so that nothing has to be waited for.
		askedAt: Date.now() - 10_000,
		...more,
	};
	await book.put(question);
}

async function says(text: string) {
	const event = inChat('message.received', {
		text,
		messageId: randomUUID(),
	}) as unknown as LinkedEvent;
	const value = sealer.seal('inbox', pack({ ...event, chat: CHAT }));
	await account.inbox.append([{ key: randomUUID(), value }]);
}

test('an answer wakes its execution once and ends the watch', async () => {
	await says('said before the question');
	await ask('Q1');
	const over = start();
	await says('the answer');
	await over;
	expect(calls).toEqual([{ address: 'http://n8n/Q1', method: 'POST' }]);
	expect(await book.answerTo('Q1')).toMatchObject({ answered: true, text: 'the answer' });
	expect(await book.all()).toEqual([]);
});

test('an execution that is not stored as waiting yet is tried again', async () => {
	await ask('Q1');
	const replies: ResumeOutcome[] = ['later', 'later', 'resumed'];
	outcome = () => replies.shift() ?? 'gone';
	await says('quick');
	await start();
	expect(calls).toHaveLength(3);
});

test('what came while nobody watched is found, and an answer not handed over goes out again', async () => {
	await ask('Q1');
	await says('early');
	outcome = () => 'later';
	void start();
	await until('the first try', () => calls.length > 0);
	watches[0]!.stop();
	outcome = () => 'resumed';
	await says('too late');
	await start();
	expect(await book.answerTo('Q1')).toMatchObject({ text: 'early' });
});

test('one message answers the oldest of two questions', async () => {
	await ask('Q1', { askedAt: 1 });
	await ask('Q2', { askedAt: 2 });
	const over = start();
	await says('first');
	await until('the first answer', async () => await book.answerTo('Q1'));
	expect(await book.answerTo('Q2')).toBeUndefined();
	await says('second');
	await over;
	expect(await book.answerTo('Q2')).toMatchObject({ text: 'second' });
});

test('two watches of one number take one answer', async () => {
	await ask('Q1');
	const both = [start(), start()];
	await says('once');
	await Promise.all(both);
	expect(await book.answerTo('Q1')).toMatchObject({ text: 'once' });
});

test('when the time is up the execution goes on without an answer', async () => {
	await ask('Q1', { kind: 'approval', choices: ['Yes', 'No'], until: Date.now() + 100 });
	await start();
	expect(await book.answerTo('Q1')).toMatchObject({ answered: false, approved: false, from: null });
});

test('a question whose execution is gone is forgotten', async () => {
	await ask('Q1', { askedAt: Date.now() - 2 * 60 * 60_000 });
	outcome = () => 'gone';
	await start();
	expect(calls).toEqual([{ address: 'http://n8n/Q1', method: 'GET' }]);
	expect(await book.all()).toEqual([]);
});
