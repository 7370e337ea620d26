/** The stage between Baileys and the inbox. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import type { LinkedEvent } from '../../src/events';
import type { NormaliseContext } from '../../src/events/types';
import { Receiver, type ReceiveDeps } from '../../src/inbound/receive';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { AccountStorage, Storage } from '../../src/storage/roles';
import { until } from '../helpers/until';

let storage: Storage;
let account: AccountStorage;
let deps: ReceiveDeps;
let dropped: string[];
let failed: string[];
const counts: Record<string, number> = {};
const givenUp = new Set<string>();
const wanted = new Set<string>();

const ANNA = '200000000000101@lid';

const context: NormaliseContext = {
	person: async (...addresses) => {
		const id = addresses.find((each) => each);
		return await Promise.resolve(
			id ? { id, lid: id, phone: null, name: null, username: null } : null,
		);
	},
	chat: async (...addresses) => await Promise.resolve(addresses.find((each) => each) ?? null),
	chatName: async () => await Promise.resolve(null),
	addresses: async (...given) => await Promise.resolve(given.filter((each) => each) as string[]),
	isContact: async () => await Promise.resolve(false),
	me: { phone: null, lid: '1@lid' },
	isMe: (address) => address === '1@lid',
	sentByUs: (id) => id === 'OURS',
	stored: async () => await Promise.resolve(undefined),
	tally: async () => await Promise.resolve({ results: [], voters: 0 }),
	group: async () => await Promise.resolve(undefined),
	syncing: false,
	now: () => Date.now(),
};

beforeEach(() => {
	storage = openStorage({ kind: 'memory' }, { clock: systemClock, log: silentLog });
	account = storage.account('account');
	dropped = [];
	failed = [];
	givenUp.clear();
	wanted.clear();
	for (const name of Object.keys(counts)) delete counts[name];
	deps = {
		inbox: {
			...account.inbox,
			append: async (entries, options) => {
				const result = await account.inbox.append(entries, options);
				dropped.push(...(options?.journalDrop ?? []));
				return result;
			},
		},
		context,
		seal: (event) => Buffer.from(JSON.stringify(event)),
		settle: ({ key }) => [`journal-${key.id ?? ''}`],
		isReplayed: () => false,
		whenStored: () => undefined,
		failed: ({ key }) => failed.push(key.id ?? ''),
		wasGivenUp: (identity) => givenUp.has(identity),
		isWanted: (name) => wanted.has(name),
		fence: () => undefined,
		clock: {
			...systemClock,
			sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 10), signal),
		},
		log: silentLog,
		count: (what) => {
			counts[what] = (counts[what] ?? 0) + 1;
		},
	};
});

afterEach(async () => await storage.close());

async function stored(): Promise<LinkedEvent[]> {
	const entries = await account.inbox.read('', 1_000);
	return entries.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as LinkedEvent);
}

const message = (id: string, more: Partial<WAMessage> = {}): WAMessage => ({
	key: { remoteJid: ANNA, id, fromMe: false },
	messageTimestamp: 1_795_000_000,
	message: { conversation: id },
	...more,
});

const upsert = (...messages: WAMessage[]) => ({
	'messages.upsert': { messages, type: 'notify' as const },
});

/** A message whose content cannot even be looked at. */
const strange = (id: string): WAMessage => {
	const broken = message(id);
	return new Proxy(broken, {
		get(target, name) {
			if (name === 'pushName') throw new Error('strange');
			return Reflect.get(target, name) as unknown;
		},
	});
};

test('a message that breaks a normaliser is delivered raw, with a warning, and the next as usual', async () => {
	const receiver = new Receiver(deps);
	await receiver.take(upsert(strange('A'), message('B')));
	const [first, second] = await stored();
	expect(first).toMatchObject({
		event: 'message.received',
		messageId: 'A',
		kind: 'unsupported',
		warning: 'This message could not be understood; see raw.',
	});
	expect(second).toMatchObject({ event: 'message.received', text: 'B' });
	expect(counts.broken).toBe(1);
	expect(dropped).toEqual(['journal-A', 'journal-B']);
});

test('anything else that breaks a normaliser is delivered raw, once, and what came with it as usual', async () => {
	const receiver = new Receiver(deps);
	const contact = (name: string, addresses: unknown) =>
		({ addresses, change: 'name', name, before: null }) as never;
	const changes = { 'linked.contacts': [contact('Strange', null), contact('Anna', [ANNA])] };
	await receiver.take(changes);
	await receiver.take({ 'linked.contacts': [contact('Strange', null)] });
	const found = await stored();
	expect(found.filter(({ warning }) => warning !== undefined)).toEqual([
		expect.objectContaining({
			event: 'contact.changed',
			chat: null,
			warning: 'This event could not be understood; see raw.',
			raw: [contact('Strange', null)],
		}),
	]);
	expect(found.filter(({ warning }) => warning === undefined)).toHaveLength(1);
});

test('the same message twice is one event', async () => {
	const receiver = new Receiver(deps);
	await receiver.take(upsert(message('A')));
	await receiver.take(upsert(message('A')));
	expect(await stored()).toHaveLength(1);
});

test('one that was given up and comes after all is delivered', async () => {
	const receiver = new Receiver(deps);
	const key = `m:${ANNA}:A:${ANNA}#0`;
	await account.inbox.append([{ key, value: Buffer.from(JSON.stringify({ event: 'x' })) }]);
	await receiver.take(upsert(message('A')));
	expect(await stored()).toHaveLength(1);
	givenUp.add(`${ANNA}:A:${ANNA}`);
	await receiver.take(upsert(message('A')));
	expect((await stored()).map(({ event }) => event)).toEqual(['x', 'message.received']);
});

test('what n8n sent itself makes no event, but leaves the journal', async () => {
	const receiver = new Receiver(deps);
	const ours = message('OURS', { key: { remoteJid: ANNA, id: 'OURS', fromMe: true } });
	await receiver.take(upsert(ours));
	expect(await stored()).toEqual([]);
	expect(dropped).toEqual(['journal-OURS']);
});

test('what could not be decrypted is kept in the journal', async () => {
	const receiver = new Receiver(deps);
	const stub = { messageStubType: 2, message: undefined };
	const keyOnly = { messageStubType: 2, message: { senderKeyDistributionMessage: {} } };
	await receiver.take(upsert(message('A', stub), message('B', keyOnly)));
	expect(failed).toEqual(['A', 'B']);
	expect(dropped).toEqual([]);
	expect(await stored()).toEqual([]);
});

test('a second copy in better quality is no second message', async () => {
	const receiver = new Receiver(deps);
	const association = { associationType: 10, parentMessageKey: { id: 'A' } };
	await receiver.take(
		upsert(
			message('A', { message: { imageMessage: { caption: 'look' } } }),
			message('B', {
				message: {
					associatedChildMessage: { message: { imageMessage: { caption: 'look' } } },
					messageContextInfo: { messageAssociation: association },
				},
			}),
		),
	);
	expect((await stored()).map(({ messageId }) => messageId)).toEqual(['A']);
});

test('a storage that is away delays events and loses none, in their order', async () => {
	let away = 3;
	const { append } = deps.inbox;
	deps.inbox = {
		...deps.inbox,
		append: async (entries, options) => {
			if (away-- > 0) throw new LinkedError('storage-unreachable');
			return await append(entries, options);
		},
	};
	let lookups = 2;
	deps.context = {
		...context,
		chatName: async () => {
			if (lookups-- > 0) throw new LinkedError('storage-unreachable');
			return await Promise.resolve(null);
		},
	};
	const receiver = new Receiver(deps);
	const group = { remoteJid: '1@g.us', participant: ANNA, fromMe: false };
	await receiver.take(
		upsert(...['A', 'B', 'C'].map((id) => message(id, { key: { ...group, id } }))),
	);
	expect((await stored()).map(({ text }) => text)).toEqual(['A', 'B', 'C']);
	expect(counts.broken).toBeUndefined();
});

test("WhatsApp's own message of a former process leaves the journal at once: nobody else acts on it", async () => {
	const sync: WAMessage = {
		key: { remoteJid: '1@lid', id: 'SYNC', fromMe: true },
		message: { protocolMessage: { type: 5 } },
	};
	const upsert = { 'messages.upsert': { messages: [sync], type: 'append' as const } };
	const present = new Receiver(deps);
	await present.take(upsert);
	await present.idle();
	expect(dropped).toEqual([]);
	const later = new Receiver({ ...deps, isReplayed: () => true });
	await later.take(upsert);
	await until('the drop', () => dropped.length > 0);
	expect(dropped).toEqual(['journal-SYNC']);
});

test('a journal entry is dropped only with, or after, the event of its message', async () => {
	const appended: Array<{ entries: string[]; drops: string[] }> = [];
	const { append } = deps.inbox;
	deps.inbox = {
		...deps.inbox,
		append: async (entries, options) => {
			appended.push({
				entries: entries.map(({ key }) => key.split(':')[2] ?? ''),
				drops: [...(options?.journalDrop ?? [])],
			});
			return await append(entries, options);
		},
	};
	const receiver = new Receiver(deps);
	const ids = Array.from({ length: 250 }, (_, n) => `M${n}`);
	await receiver.take(upsert(...ids.map((id) => message(id))));
	const seen = new Set<string>();
	for (const { entries, drops } of appended) {
		for (const id of entries) seen.add(id);
		for (const drop of drops) expect(seen).toContain(drop.replace('journal-', ''));
	}
	expect(seen.size).toBe(250);
	expect(dropped).toHaveLength(250);
});

test('frequent events are stored only while a trigger asks for them', async () => {
	const receiver = new Receiver(deps);
	const typing = {
		'presence.update': { id: ANNA, presences: { [ANNA]: { lastKnownPresence: 'composing' } } },
	} as const;
	await receiver.take(typing);
	expect(await stored()).toEqual([]);
	wanted.add('presence.changed');
	await receiver.take(typing);
	expect((await stored())[0]).toMatchObject({ event: 'presence.changed', presence: 'typing' });
});

test('one of a batch that cannot be understood does not take the others with it', async () => {
	const receiver = new Receiver(deps);
	wanted.add('message.read');
	const read = (id: string) => ({
		key: { remoteJid: ANNA, fromMe: true, id },
		update: { status: 4, messageTimestamp: 1_790_000_000 },
	});
	const broken = { ...read('B'), key: null as unknown as { remoteJid: string } };
	await receiver.take({ 'messages.update': [read('A'), broken, read('C')] });
	const found = await stored();
	const understood = found.filter(({ warning }) => warning === undefined);
	expect(understood.map(({ messageId }) => messageId).sort()).toEqual(['A', 'C']);
	// The one itself comes raw, once for each event that it may have been.
	expect(found.length - understood.length).toBe(counts.broken);
	expect(counts.broken).toBeGreaterThan(0);
});
