import type { proto } from '@whiskeysockets/baileys';
import type { AnswerKind, AskedQuestion } from '../../questions/question';
import { checkText, LIMITS, pollMessage } from '../../wa/format';
import { isGroup, isLid, isNewsletter, userJid } from '../../wa/ids';
import { canonicalChat, checkChat, readChat, resolveChat, resolvePeople } from '../chat';
import { asList, badField, must, readCollection, readText } from '../fields';
import { readOnce } from '../safetyOptions';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { deliverTo, messageSecret } from './deliver';
import { questionFields, readKind, readUntil } from './questionFields';

type Params = {
	chat: string;
	message: string;
	kind: AnswerKind;
	choices: string[];
	asPoll: boolean;
	onlyReplies?: boolean;
	from: string[];
	/** Nobody waits after this, milliseconds since the epoch. */
	until?: number;
};

/** Stands for the question of a poll that follows a text, in any language. */
const BELOW = '👇';

const pollOf = (question: string, choices: string[], secret: Uint8Array) =>
	must(pollMessage({ question, options: choices, selectable: 1 }, secret));

/** The messages that ask: a poll, a text, or a long text and then a poll. */
async function messagesFor(owner: Owner, params: Params): Promise<proto.IMessage[]> {
	const { message, kind, choices, asPoll } = params;
	const text = (body: string): proto.IMessage => ({ extendedTextMessage: { text: body } });
	if (kind === 'freeText') return [text(message)];
	if (!asPoll) {
		const signs = kind === 'approval' ? ['👍', '👎'] : choices.map((_, index) => `${index + 1}.`);
		const lines = choices.map((choice, index) => `${signs[index] ?? ''} ${choice}`);
		return [text(`${message}\n\n${lines.join('\n')}`)];
	}
	if (message.length <= LIMITS.pollQuestion) {
		return [pollOf(message, choices, await messageSecret(owner, 0))];
	}
	return [text(message), pollOf(BELOW, choices, await messageSecret(owner, 1))];
}

/** Both forms of everybody who may answer, since events may know only one of them. */
async function whoMayAnswer(owner: Owner, typed: readonly string[]): Promise<string[]> {
	const people = await resolvePeople(owner, typed);
	const { lidMapping } = (await owner.socket()).signalRepository;
	const forms = await Promise.all(
		people.map(async (jid) => [jid, isLid(jid) ? await lidMapping.getPNForLID(jid) : undefined]),
	);
	return forms.flat().flatMap((jid) => userJid(jid) ?? []);
}

export const sendAndWait = defineOperation<Params>({
	resource: 'message',
	operation: 'sendAndWait',
	name: 'Send and Wait for Response',
	description: 'Ask a question in a chat; the execution waits until it is answered there',
	action: 'Send a message and wait for the response',
	needs: 'socket',
	writes: true,
	sends: true,
	fields: questionFields,
	read(context, item) {
		const options = readCollection(context, item, 'options');
		const asked = readKind(context, item);
		if (readOnce(context, item)) {
			throw badField('Send Once Per', 'every execution that waits needs a question of its own.');
		}
		const params: Params = {
			chat: checkChat(readChat(context, item)),
			message: must(checkText(readText(context, item, 'message'))),
			...asked,
			asPoll: asked.kind !== 'freeText' && options.askWith !== 'text',
			onlyReplies: typeof options.onlyReplies === 'boolean' ? options.onlyReplies : undefined,
			from: asList(options.from).map(checkChat),
			until: readUntil(options.limitWaitTime),
		};
		if (params.kind !== 'freeText') pollOf(BELOW, params.choices, new Uint8Array(32));
		return params;
	},
	async perform(owner, params) {
		const to = await resolveChat(owner, params.chat);
		if (isNewsletter(to)) throw badField('Chat', 'in a channel nobody can answer.');
		const chat = await canonicalChat(owner, to);
		const messages = await messagesFor(owner, params);
		const question: AskedQuestion = {
			id: owner.messageId,
			messageIds: messages.map((_, part) => owner.idOfPart(part)),
			chat,
			kind: params.kind,
			choices: params.choices,
			onlyReplies: params.onlyReplies ?? isGroup(chat),
			from: await whoMayAnswer(owner, params.from),
			// Looked up before it is sent: the answer may be there at once.
			after: await owner.storage.inbox.end(),
			askedAt: owner.clock.now(),
			until: params.until,
		};
		let result: JsonObject = {};
		for (const [part, message] of messages.entries()) {
			const sent = await deliverTo(owner, to, { message, part });
			if (part === 0) result = { ...sent };
		}
		return { ...result, question };
	},
	sample: {
		data: { approved: true, respondedAt: '2026-03-01T10:15:30.000Z' },
		answered: true,
		answeredBy: {
			id: '200000000000001@lid',
			lid: '200000000000001@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
		},
		answeredWith: 'vote',
		chat: '200000000000001@lid',
		messageId: '3EB0C0FFEE00000000000A',
		questionId: '3EB0C0FFEE00000000000A',
	},
});
