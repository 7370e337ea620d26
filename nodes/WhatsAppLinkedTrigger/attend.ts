/** What the sender of a message sees of the workflow: blue ticks, "typing...". Best effort. */
import type { LinkedEvent } from '../../src/events';
import { ask, type JsonObject } from '../../src/operations';
import { runtime, type AccountSettings } from '../../src/runtime';
import type { TriggerSettings } from './settings';

const ANSWER_MS = 10_000;
/** WhatsApp lets "typing..." fade after about half of a minute (belief). */
const REPEAT_MS = 10_000;

type Account = () => Promise<AccountSettings>;

async function give(account: Account, operation: string, params: JsonObject): Promise<void> {
	const settings = await account();
	await runtime().use(settings, async (number) => {
		await ask(number, operation, params, { timeoutMs: ANSWER_MS });
	});
}

function quietly(work: Promise<void>): void {
	work.catch(() => runtime().log.debug('a sign to the chat could not be given'));
}

/** Begins it for the events of an execution; the returned function ends it. */
export function attend(
	account: Account,
	{ markRead, typing }: Pick<TriggerSettings, 'markRead' | 'typing'>,
	events: readonly LinkedEvent[],
): () => void {
	const received = events.filter(({ event, chat }) => event === 'message.received' && chat);
	const [first] = received;
	if (!first?.chat) return () => {};
	const { chat } = first;
	if (markRead) {
		const messageIds = received.flatMap(({ messageId }) => messageId ?? []);
		quietly(give(account, 'message.markRead', { chat, messageIds }));
	}
	if (!typing) return () => {};
	const show = (on: boolean) => quietly(give(account, 'trigger.typing', { chat, typing: on }));
	show(true);
	const timer = setInterval(() => show(true), REPEAT_MS);
	timer.unref();
	return () => {
		clearInterval(timer);
		show(false);
	};
}
