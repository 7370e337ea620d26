import type { LinkedEvent, Person } from '../../src/events';
import { answerIn } from '../../src/questions/match';
import type { Question } from '../../src/questions/question';
import { yesOrNo } from '../../src/questions/words';

const person = (user: string, phone: string | null = null): Person => ({
	id: `${user}@lid`,
	lid: `${user}@lid`,
	phone,
	name: null,
	username: null,
});
const ANNA = person('200000000000001', '+15550100101');
const BEN = person('200000000000002', '+15550100102');
const ME = person('200000000000009', '+15550100109');
const GROUP = '120363000000000001@g.us';

const question = (more: Partial<Question> = {}): Question => ({
	id: 'Q',
	messageIds: ['Q'],
	chat: ANNA.id,
	kind: 'approval',
	choices: ['Approve', 'Decline'],
	onlyReplies: false,
	from: [],
	resume: 'http://localhost/',
	after: '',
	askedAt: 0,
	...more,
});

const event = (more: Partial<LinkedEvent> = {}): LinkedEvent => ({
	event: 'message.received',
	id: 'e',
	timestamp: '2026-03-01T10:00:00.000Z',
	chat: ANNA.id,
	chatName: null,
	isGroup: false,
	from: ANNA,
	fromContact: true,
	fromMe: false,
	to: ME,
	messageId: 'M',
	text: null,
	...more,
});

const vote = (choice: string[] | null, more: Partial<LinkedEvent> = {}) =>
	event({ event: 'poll.voted', messageId: 'Q', choice, ...more });
const reaction = (sign: string, more: Partial<LinkedEvent> = {}) =>
	event({ event: 'reaction.added', messageId: 'Q', reaction: sign, ...more });

describe('an approval', () => {
	it.each([
		['a vote for yes', vote(['Approve']), true],
		['a vote for no', vote(['Decline']), false],
		['a thumb up', reaction('👍🏽'), true],
		['a heart', reaction('❤️'), true],
		['a thumb down', reaction('👎'), false],
		['a word', event({ text: 'Ok!' }), true],
		['a word in another language', event({ text: 'Não' }), false],
		['its label in other letters', event({ text: '  APPROVE. ' }), true],
		['its number', event({ text: '2.' }), false],
	])('is given by %s', (_name, said, approved) => {
		expect(answerIn(said, question())).toMatchObject({ answered: true, approved, from: ANNA });
	});

	it.each([
		['a vote taken back', vote([])],
		['a vote in an unknown poll', vote(['Approve'], { messageId: 'other' })],
		['a reaction to something else', reaction('👍', { messageId: 'other' })],
		['a reaction that says neither', reaction('😂')],
		['another sentence', event({ text: 'yes, but not before Friday' })],
		['a picture without words', event({ text: null })],
		['a number that is no choice', event({ text: '3' })],
		['a reply to something else', event({ text: 'yes', quoted: { id: 'other' } })],
		['another chat', event({ text: 'yes', chat: BEN.id })],
		['a receipt', event({ event: 'message.read', messageId: 'Q' })],
		[
			'the owner of the number',
			event({ event: 'message.sent', text: 'yes', fromMe: true, from: ME, to: ANNA }),
		],
	])('is not given by %s', (_name, said) => {
		expect(answerIn(said, question())).toBeUndefined();
	});

	it('is given by the owner in the chat with oneself', () => {
		const own = event({
			event: 'message.sent',
			text: 'no',
			fromMe: true,
			from: ME,
			to: ME,
			chat: ME.id,
		});
		expect(answerIn(own, question({ chat: ME.id }))).toMatchObject({ approved: false });
	});
});

describe('in a group', () => {
	const inGroup = { chat: GROUP, isGroup: true, to: null };
	const asked = question({ chat: GROUP, onlyReplies: true });

	it('only replies, votes and reactions answer', () => {
		expect(answerIn(event({ ...inGroup, text: 'yes' }), asked)).toBeUndefined();
		expect(answerIn(event({ ...inGroup, text: 'yes', quoted: { id: 'Q' } }), asked)).toMatchObject({
			approved: true,
		});
		expect(answerIn(vote(['Decline'], inGroup), asked)).toMatchObject({ approved: false });
	});

	it('only the people named may answer, by either address', () => {
		const byPhone = { ...asked, from: ['15550100102@s.whatsapp.net'] };
		expect(answerIn(vote(['Approve'], inGroup), byPhone)).toBeUndefined();
		expect(answerIn(vote(['Approve'], { ...inGroup, from: BEN }), byPhone)).toMatchObject({
			from: BEN,
		});
		const byLid = { ...asked, from: [BEN.id] };
		expect(answerIn(vote(['Approve'], { ...inGroup, from: BEN }), byLid)).toMatchObject({
			from: BEN,
		});
		expect(answerIn(vote(['Approve'], { ...inGroup, from: null }), byLid)).toBeUndefined();
	});
});

test('a choice is the option that was voted for, written out, or numbered', () => {
	const asked = question({ kind: 'choice', choices: ['Today', 'Tomorrow', 'Never'] });
	expect(answerIn(vote(['Tomorrow']), asked)).toMatchObject({ choice: 'Tomorrow', by: 'vote' });
	expect(answerIn(event({ text: 'tomorrow!' }), asked)).toMatchObject({ choice: 'Tomorrow' });
	expect(answerIn(event({ text: '3' }), asked)).toMatchObject({ choice: 'Never' });
	expect(answerIn(event({ text: '0' }), asked)).toBeUndefined();
	expect(answerIn(event({ text: 'yes' }), asked)).toBeUndefined();
	expect(answerIn(reaction('👍'), asked)).toBeUndefined();
});

test('numbers among the choices are taken as choices before they count', () => {
	const asked = question({ kind: 'choice', choices: ['2', '1'] });
	expect(answerIn(event({ text: '1' }), asked)).toMatchObject({ choice: '1' });
});

test('free text is whatever comes next, also without words', () => {
	const asked = question({ kind: 'freeText', choices: [] });
	expect(answerIn(event({ text: 'At noon' }), asked)).toMatchObject({
		text: 'At noon',
		messageId: 'M',
	});
	expect(answerIn(event({ text: null }), asked)).toMatchObject({ text: null });
	expect(answerIn(reaction('👍'), asked)).toBeUndefined();
});

test('yes and no are not guessed', () => {
	expect(yesOrNo('')).toBeUndefined();
	expect(yesOrNo('?')).toBeUndefined();
	expect(yesOrNo(undefined)).toBeUndefined();
	expect(yesOrNo('yesterday')).toBeUndefined();
});
