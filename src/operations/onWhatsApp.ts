/** Which numbers are on WhatsApp: many are asked for in one query, and the answers remembered. */
import type { BinaryNode } from '@whiskeysockets/baileys';
import { randomBytes } from 'node:crypto';
import { isLid, isPhoneJid, userJid } from '../wa/ids';
import { bytesOf, childOf, childrenOf } from '../wa/nodes';
import { query } from './query';
import type { Owner } from './types';

/** A number that is on WhatsApp is believed for this long, one that is not for a day. */
const KNOWN_MS = 30 * 24 * 60 * 60_000;
const UNKNOWN_MS = 24 * 60 * 60_000;
/** Numbers in one query; a phone that syncs its address book asks for more (belief). */
const AT_ONCE = 100;
const NOT_THERE = '-';

const nameOf = (jid: string) => `on-whatsapp:${jid}`;

/**
 * The address that WhatsApp gives for each phone JID (it may be another number: countries change
 * theirs), null for who is not there.
 * @param anew ask, whatever is remembered
 * @throws LinkedError `rate-limited`; what was answered before stays remembered
 */
export async function onWhatsApp(
	owner: Owner,
	jids: readonly string[],
	anew = false,
): Promise<Map<string, string | null>> {
	const { facts } = owner.storage;
	const found = new Map<string, string | null>();
	const wanted = [...new Set(jids)];
	if (!anew) {
		const known = await facts.getMany(wanted.map(nameOf));
		for (const [index, jid] of wanted.entries()) {
			const value = known[index];
			if (!value) continue;
			const address = Buffer.from(value).toString('utf8');
			found.set(jid, address === NOT_THERE ? null : address);
		}
	}
	const open = wanted.filter((jid) => !found.has(jid));
	for (let at = 0; at < open.length; at += AT_ONCE) {
		const some = open.slice(at, at + AT_ONCE);
		const answers = await ask(owner, some);
		for (const jid of some) found.set(jid, answers.get(jid) ?? null);
		await facts.setMany(
			new Map(
				some.map((jid) => {
					const address = answers.get(jid);
					const value = Buffer.from(address ?? NOT_THERE);
					return [nameOf(jid), { value, ttlMs: address ? KNOWN_MS : UNKNOWN_MS }];
				}),
			),
		);
	}
	return found;
}

/**
 * Baileys' onWhatsApp drops which number an answer is for, and asks for LIDs one by one afterwards.
 * The question is the one of its USyncQuery with the contact and LID protocols.
 */
async function ask(owner: Owner, jids: readonly string[]): Promise<Map<string, string>> {
	const users = jids.map((jid): BinaryNode => ({
		tag: 'user',
		attrs: {},
		content: [{ tag: 'contact', attrs: {}, content: `+${numberOf(jid)}` }],
	}));
	const parts = [
		{
			tag: 'query',
			attrs: {},
			content: [
				{ tag: 'contact', attrs: {} },
				{ tag: 'lid', attrs: {} },
			],
		},
		{ tag: 'list', attrs: {}, content: users },
	];
	const sid = randomBytes(8).toString('hex');
	const attrs = { context: 'interactive', mode: 'query', sid, last: 'true', index: '0' };
	const answer = await query(owner, {
		to: 's.whatsapp.net',
		xmlns: 'usync',
		type: 'get',
		content: [{ tag: 'usync', attrs, content: parts }],
	});
	const found = new Map<string, string>();
	const pairs: Array<{ pn: string; lid: string }> = [];
	for (const user of childrenOf(childOf(answer, 'usync', 'list'), 'user')) {
		const address = userJid(user.attrs.jid);
		const contact = childOf(user, 'contact');
		if (!address || contact?.attrs.type !== 'in') continue;
		// The answer repeats the number as it was asked for; its address may have another one.
		const asked = Buffer.from(bytesOf(contact) ?? [])
			.toString('utf8')
			.replace(/\D/g, '');
		found.set(asked ? `${asked}@s.whatsapp.net` : address, address);
		const lid = userJid(childOf(user, 'lid')?.attrs.val);
		if (isPhoneJid(address) && lid && isLid(lid)) pairs.push({ pn: address, lid });
	}
	await learn(owner, pairs);
	return found;
}

const numberOf = (jid: string) => jid.split('@')[0];

/** Baileys asks for the LID at the first message otherwise; and the directory hears of pairs, too. */
async function learn(owner: Owner, pairs: Array<{ pn: string; lid: string }>): Promise<void> {
	if (pairs.length === 0) return;
	const { ev, signalRepository } = await owner.socket();
	await signalRepository.lidMapping.storeLIDPNMappings(pairs);
	for (const pair of pairs) ev.emit('lid-mapping.update', pair);
}
