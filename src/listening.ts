/** Which triggers listen to a number now, in whichever process, and how far each has read. */
import type { AccountStorage } from './storage/roles';

const PREFIX = 'listening:';
/** A trigger says it anew in half of this time. */
const LISTENING_MS = 30 * 60_000;
/** Events behind are counted up to this many. */
const COUNT = 1_000;

export type TriggerStatus = {
	/** `workflowId/nodeId` */
	trigger: string;
	workflowId: string;
	nodeId: string;
	/** Where it is active. */
	process: string;
	/** Events after its position; those that its filters leave out count until it has seen them. */
	behind: number;
	/** True when there are more than could be counted. */
	behindMore: boolean;
	/** When the oldest of them was stored. */
	oldestAt: string | null;
	/** Events whose executions have not ended. */
	inExecution: number;
};

export async function noteListener(
	{ facts }: AccountStorage,
	trigger: string,
	process: string,
): Promise<void> {
	await facts.set(PREFIX + trigger, Buffer.from(process), LISTENING_MS);
}

export async function forgetListener({ facts }: AccountStorage, trigger: string): Promise<void> {
	await facts.delete([PREFIX + trigger]);
}

export async function listListeners(
	{ facts, cursors, inbox }: AccountStorage,
	isAlive: (process: string) => Promise<boolean>,
): Promise<TriggerStatus[]> {
	const names: string[] = [];
	for await (const name of facts.keys(PREFIX)) names.push(name.slice(PREFIX.length));
	const found: TriggerStatus[] = [];
	for (const trigger of names.sort()) {
		const sign = await facts.get(PREFIX + trigger);
		const process = sign ? Buffer.from(sign).toString('utf8') : '';
		if (!(await isAlive(process))) continue;
		const cursor = await cursors.get(trigger);
		const unread = cursor === undefined ? [] : await inbox.read(cursor, COUNT + 1);
		const open = await cursors.open(trigger);
		const done = new Set(open.filter(({ state }) => state === 'done').map(({ seq }) => seq));
		const waiting = unread.filter(({ seq }) => !done.has(seq));
		const [workflowId = '', ...node] = trigger.split('/');
		found.push({
			trigger,
			workflowId,
			nodeId: node.join('/'),
			process,
			behind: Math.min(waiting.length, COUNT),
			behindMore: waiting.length > COUNT,
			oldestAt: waiting[0] ? new Date(waiting[0].at).toISOString() : null,
			inExecution: open.filter(({ state }) => state !== 'done').length,
		});
	}
	return found;
}
