/** What the sender of a message sees of the workflow: blue ticks, "typing...". Best effort. */
import { randomUUID } from 'node:crypto';
import type { LinkedEvent } from '../../src/events';
import { runtime, type AccountSettings } from '../../src/runtime';
import type { TriggerSettings } from './settings';

const ANSWER_MS = 10_000;
/** WhatsApp lets "typing..." fade after about half of a minute (belief). */
const REPEAT_MS = 10_000;

type Account = () => Promise<AccountSettings>;

async function ask(account: Account, operation: string, params: object): Promise<void> {
	const settings = await account();
	await runtime().use(settings, async (number) => {
		await number.submit({
			operation,
			params: { ...params },
			idempotencyKey: randomUUID(),
			deadline: Date.now() + ANSWER_MS,
		});
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
		quietly(ask(account, 'message.markRead', { chat, messageIds }));
	}
	if (!typing) return () => {};
	const show = (on: boolean) => quietly(ask(account, 'trigger.typing', { chat, typing: on }));
	show(true);
	const timer = setInterval(() => show(true), REPEAT_MS);
	timer.unref();
	return () => {
		clearInterval(timer);
		show(false);
	};
}
