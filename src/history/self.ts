/** The own addresses and name, stored by the owner so that every process knows them. */
import type { Facts } from '../storage/roles';
import { isLid, isPhoneJid, userJid } from '../wa/ids';
import type { Me } from './people';

const KEY = 'self';

/** @param me Baileys' creds.me */
export async function writeSelf(
	facts: Facts,
	me: { id?: string; lid?: string; name?: string },
): Promise<void> {
	const all = [me.id, me.lid].map(userJid);
	const self: Me = {
		lid: all.find(isLid) ?? null,
		phone: all.find(isPhoneJid) ?? null,
		name: me.name ?? null,
	};
	await facts.set(KEY, Buffer.from(JSON.stringify(self)));
}

export async function readSelf(facts: Facts): Promise<Me> {
	const bytes = await facts.get(KEY);
	if (!bytes) return { lid: null, phone: null, name: null };
	return JSON.parse(Buffer.from(bytes).toString('utf8')) as Me;
}
