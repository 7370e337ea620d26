/** The owner's status, stored so that every process can show it. */
import type { JsonObject } from './operations';
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
