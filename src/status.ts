/** The owner's status, stored so that every process can show it. */
import type { JsonObject } from './operations';
import type { Session } from './session/session';
import type { Facts } from './storage/roles';

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
	{ state, lastError, reconnects }: Session,
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
		error:
			error && state.name !== 'open'
				? { code: error.code, message: error.message, next: error.next }
				: null,
	};
}
