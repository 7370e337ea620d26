/**
 * What there is to say when "nothing arrives, why?". The owner says it; a short form is stored, so
 * that every process can show what was known last.
 */
import { LinkedError } from './errors';
import type { TriggerStatus } from './listening';
import type { JsonObject } from './operations';
import type { Session } from './session/session';
import type { Facts, StorageHealth } from './storage/roles';
import { versions } from './versions';

const KEY = 'status';

export async function writeStatus(facts: Facts, status: JsonObject): Promise<void> {
	await facts.set(KEY, Buffer.from(JSON.stringify(status)));
}

/** The last status any owner wrote; `state: unknown` when none did. */
export async function readStatus(facts: Facts): Promise<JsonObject> {
	const bytes = await facts.get(KEY);
	if (!bytes) return { state: 'unknown' };
	return JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonObject;
}

/** @param stored who the stored session belongs to, told while the session is not open */
export function describeSession(
	{ state, lastError, lastFault, reconnects }: Session,
	stored: { id?: string; name?: string } | undefined,
): JsonObject {
	const error = ('error' in state ? state.error : undefined) ?? lastError;
	const me = state.name === 'open' ? state.me : undefined;
	const phone = me?.phone ?? stored?.id?.split(/[:@]/)[0];
	return {
		state: state.name,
		since: new Date(state.since).toISOString(),
		number: phone ? `+${phone}` : null,
		lid: me?.lid ?? null,
		// A name that was changed since is in the credentials only.
		name: stored?.name ?? me?.name ?? null,
		reconnects,
		nextTry: 'until' in state && state.until ? new Date(state.until).toISOString() : null,
		error: error && state.name !== 'open' ? describeError(error) : null,
		// Also while all is well: it says why the line was down last.
		lastError: lastFault
			? { ...describeError(lastFault.error), at: new Date(lastFault.at).toISOString() }
			: null,
	};
}

const describeError = ({ code, message, next }: LinkedError): JsonObject => ({
	code,
	message,
	next,
});

export function describeStorage(kind: string, shared: boolean, health: StorageHealth): JsonObject {
	return {
		kind,
		shared,
		ok: health.ok,
		since: health.ok ? null : new Date(health.since).toISOString(),
		reason: health.ok ? null : health.reason,
	};
}

/** The answer where the number itself cannot be asked: nothing is known for sure but why. */
export function statusWithout(error: LinkedError, known: JsonObject): JsonObject {
	return {
		state: 'unknown',
		since: null,
		number: null,
		lid: null,
		name: null,
		reconnects: null,
		nextTry: null,
		lastError: null,
		owner: null,
		triggers: [],
		queues: null,
		inbound: null,
		historySync: null,
		storage: null,
		...known,
		summary: `${error.message} ${error.next}`,
		error: describeError(error),
		versions: { ...versions() },
	};
}

/** One sentence or two: what is going on, and what to do if something is to be done. */
export function summaryOf(status: JsonObject, triggers: readonly TriggerStatus[]): string {
	const error = status.error as { message?: string; next?: string } | null | undefined;
	const problem = error ? `${error.message} ${error.next}` : undefined;
	switch (status.state) {
		case 'open':
			return connected(triggers) + pastOf(status.historySync);
		case 'unlinked':
			return (
				problem ?? new LinkedError('not-linked').message + ' ' + new LinkedError('not-linked').next
			);
		case 'pairing':
			return 'A code is shown and waits to be scanned or typed on the phone.';
		case 'connecting':
			return 'It is being connected.';
		case 'waiting':
			return `${problem ?? 'The connection is down.'} Next try: ${String(status.nextTry)}.`;
		case 'stopped':
			return problem ?? 'It is stopped.';
		default:
			return problem ?? 'No n8n process holds the connection at the moment.';
	}
}

/** What a person who has just linked a number waits for. */
function pastOf(sync: unknown): string {
	if (!sync) return '';
	const { progress, partsToStore } = sync as { progress: number | null; partsToStore: number };
	const sent = progress === null ? '' : ` it has sent ${progress} %,`;
	const left = partsToStore === 1 ? '1 part is' : `${partsToStore} parts are`;
	return ` The phone sends what was written before:${sent} ${left} still to be stored.`;
}

function connected(triggers: readonly TriggerStatus[]): string {
	if (triggers.length === 0) {
		return 'Connected, but no active workflow listens to this number: publish a workflow with the trigger.';
	}
	const behind = Math.max(...triggers.map((each) => each.behind));
	const busy = triggers.reduce((sum, { inExecution }) => sum + inExecution, 0);
	if (behind > busy) {
		return `Connected; up to ${behind} events wait for workflows that are still busy with earlier ones.`;
	}
	return 'Connected; events are delivered as they come.';
}
