/** What an operation is given to work with, made for one command. */
import { LinkedError } from '../errors';
import type { Command, Owner } from '../operations/types';
import type { Acks } from './acks';
import type { OutboundDeps } from './deps';
import { leaveToAdd } from './joining';
import type { Lanes } from './lanes';
import type { Online } from './online';
import type { Receipts } from './receipts';
import { messageIdFor } from './records';
import { sayWhy } from './sayWhy';
import { send, type SendDeps } from './send';

/** How long an operation waits for the connection before it fails. */
const CONNECT_MS = 30_000;

/** The outbound path's own, shared by all commands. */
export interface Parts {
	lanes: Lanes;
	acks: Acks;
	receipts: Receipts;
	online: Online;
}

/** @param signal what has not gone out when it aborts does not go out */
export function ownerFor(
	deps: OutboundDeps,
	{ lanes, acks, receipts, online }: Parts,
	command: Command,
	signal: AbortSignal,
): Owner {
	const settings = deps.settings();
	const ids: string[] = [];
	const idOfPart = (part: number) =>
		(ids[part] ??= messageIdFor(
			settings.account,
			part === 0 ? command.idempotencyKey : `${command.idempotencyKey}#${part}`,
		));
	const socket = () => deps.session.whenOpen(CONNECT_MS, signal);
	/** What is known is there at once; what has to be asked for waits for the connection. */
	const connected = async <T>(look: () => Promise<T>): Promise<T> => {
		try {
			return await look();
		} catch (error) {
			if (!(error instanceof LinkedError) || error.code !== 'offline') throw error;
			await socket();
			return await look();
		}
	};
	const sendDeps: SendDeps = {
		session: deps.session,
		lanes,
		acks,
		safety: deps.safety,
		messages: deps.messages,
		clock: deps.clock,
		log: deps.log,
		signal,
		assertOwner: () => deps.assertOwner(),
		onSend: (sent) => deps.onSend(sent),
	};
	return {
		settings,
		session: deps.session,
		storage: deps.storage,
		clock: deps.clock,
		log: deps.log,
		signal,
		messageId: idOfPart(0),
		idOfPart,
		socket,
		directory: deps.directory,
		history: deps.history,
		labels: deps.labels,
		applied: async () => await deps.applied(),
		call: (id) => deps.call(id),
		pastAnswer: async (request, timeoutMs) => await deps.pastAnswer(request, timeoutMs, signal),
		status: () => deps.status(),
		safety: deps.safety,
		numbers: async () => await deps.numbers(),
		erase: async () => await deps.erase(),
		findMessage: async (id) => {
			const lately = await deps.messages.get(id);
			if (lately) return lately;
			const kept = await deps.history.message(id);
			// The ids of imported messages are of our own making.
			return kept && !kept.imported ? kept.message : undefined;
		},
		fileMoved: async (id, directPath) => await deps.messages.fileMoved(id, directPath),
		timerOf: async (chat) =>
			chat.endsWith('@g.us')
				? ((await deps.groupMetadata(chat))?.ephemeralDuration ?? 0)
				: await deps.messages.timerOf(chat),
		group: async (jid) => await deps.groupMetadata(jid),
		groups: {
			...deps.groups,
			all: async (fresh) => await connected(async () => await deps.groups.all(fresh)),
			get: async (jid, fresh) => await connected(async () => await deps.groups.get(jid, fresh)),
		},
		me: deps.me(),
		person: deps.person,
		online,
		receipts: async (id, wait) =>
			wait ? await receipts.wait(id, wait.enough, wait.timeoutMs, signal) : await receipts.of(id),
		leaveToAdd: async (people) =>
			await leaveToAdd(deps.safety, command, idOfPart(0), people, signal),
		send: async (request) =>
			await sayWhy({ groups: deps.groups, me: deps.me() }, request.to, async () =>
				send(sendDeps, command, idOfPart(request.part ?? 0), request),
			),
	};
}
