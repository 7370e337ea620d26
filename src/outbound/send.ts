/** safety -> lane -> perform -> server ack, for one message. */
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import type { Command, SendRequest, SendResult } from '../operations/types';
import type { Session } from '../session/session';
import type { Acks } from './acks';
import type { Lanes } from './lanes';
import type { SafetyGate } from './safety';
import { rejection } from './rejection';

/** How long the server may take to acknowledge; usually well under a second. */
const ACK_MS = 15_000;
/** How long a message waits for the connection to come (back). */
const CONNECT_MS = 30_000;

export interface SendDeps {
	session: Session;
	lanes: Lanes;
	acks: Acks;
	safety: SafetyGate;
	clock: Clock;
	/** Throws lease-lost when another process owns the number. */
	assertOwner(): void;
	/** Notes that this id is ours, so that its echo is not taken for a message from the phone. */
	onSend(id: string): void;
}

/** @throws LinkedError `restricted`, `rejected`, `safety-limit`, or why there is no connection. */
export async function send(
	deps: SendDeps,
	command: Command,
	id: string,
	request: SendRequest,
): Promise<SendResult> {
	const { to } = request;
	return await deps.lanes.run(to, async () => {
		await passSafety(deps, command, to);
		const deadline = Math.min(command.deadline, deps.clock.now() + ACK_MS + CONNECT_MS);
		for (;;) {
			const left = deadline - deps.clock.now();
			const socket = await deps.session.whenOpen(Math.max(1, Math.min(left, CONNECT_MS)));
			deps.assertOwner();
			const expected = deps.acks.expect(id);
			deps.onSend(id);
			try {
				await socket.sendMessage(to, request.content, { ...request.options, messageId: id });
			} catch (error) {
				expected.forget();
				if (deps.session.openSocket === socket) throw LinkedError.from(error);
				// The socket went away under it; the same id makes a second try harmless.
				if (deps.clock.now() < deadline) continue;
				throw new LinkedError('no-answer', { cause: error });
			}
			const ack = await expected.result(Math.max(1, Math.min(ACK_MS, deadline - deps.clock.now())));
			if (ack.kind === 'accepted') {
				await deps.safety.sent({ to, command }, 'accepted');
				return { id, chat: to, timestamp: new Date(ack.at).toISOString(), status: 'accepted' };
			}
			if (ack.kind === 'rejected') {
				await deps.safety.rejected({ to, command }, ack.status);
				throw rejection(ack.status);
			}
			if (ack.kind === 'closed' && deps.clock.now() < deadline) continue;
			await deps.safety.sent({ to, command }, 'unknown');
			const timestamp = new Date(deps.clock.now()).toISOString();
			return { id, chat: to, timestamp, status: 'unknown' };
		}
	});
}

async function passSafety(deps: SendDeps, command: Command, to: string): Promise<void> {
	for (;;) {
		const decision = await deps.safety.decide({ to, command });
		if (decision.kind === 'go') return;
		if (decision.kind === 'refuse' || decision.until > command.deadline) {
			const possibleAt = decision.kind === 'refuse' ? decision.possibleAt : decision.until;
			throw new LinkedError('safety-limit', {
				detail: possibleAt
					? `${decision.because} Possible from ${new Date(possibleAt).toISOString()}.`
					: decision.because,
				data: possibleAt ? { possibleAt } : {},
			});
		}
		await deps.clock.sleep(Math.max(1, decision.until - deps.clock.now()));
	}
}
