/** Group changes that a killed process had confirmed but not brought into the inbox. */
import { openAuth } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { encodeStanza, packEntry } from '../../src/inbound/journal';
import { isNotice } from '../../src/inbound/notices';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';

let product: Product;
let heard: Heard;

const event = eventsOf(() => heard);

beforeAll(async () => {
	product = await Product.start();
});

afterAll(async () => await product.stop());

test('what the journal holds of notices becomes events at the next start, each once', async () => {
	const account = product.account();
	const me = await product.phone('Me');
	const anna = await product.phone('Anna');
	const first = product.runtime();
	await product.link(first, account, me);
	heard = await product.listen(first, account, 'w/1', () => true);
	const group = await anna.createGroup('Choir', [me]);
	await event('group.created');
	await anna.groups.setSubject(group, 'Big Choir');
	await event('group.nameChanged');
	await heard.close();
	await first.close();

	// As a process leaves it that is killed right after Baileys has confirmed a notice.
	const storage = openStorage(account.storage, { clock: systemClock, log: silentLog });
	await storage.ready();
	const { keys, journal } = storage.account(account.account);
	const auth = await openAuth({
		keys,
		account: account.account,
		secret: 'test key',
		log: silentLog,
	});
	const notice = {
		tag: 'notification',
		attrs: {
			from: group,
			type: 'w:gp2',
			id: '4711',
			t: String(Math.floor(Date.now() / 1_000)),
			participant: anna.lid,
			participant_pn: anna.jid,
			addressing_mode: 'lid',
		},
		content: [{ tag: 'subject', attrs: { subject: 'Lost Choir' } }],
	};
	await auth.journal.write({ 'notice-4711': packEntry(encodeStanza(notice)) });
	// What cannot be read must not keep the number from connecting.
	await keys.write({ journalPut: new Map([['damaged', Buffer.from('junk')]]) });
	// What an orderly stop had stored is forgotten with it.
	const notices: string[] = [];
	for await (const { id } of journal.pending()) if (isNotice(id)) notices.push(id);
	expect(notices).toEqual(['notice-4711']);
	await storage.close();

	const second = product.runtime();
	heard = await product.listen(second, account, 'w/1', () => true);
	expect(await event('group.nameChanged')).toMatchObject({
		chat: group,
		text: 'Lost Choir',
		from: { lid: anna.lid, phone: `+${anna.number}` },
	});
	await anna.groups.setSubject(group, 'Last Choir');
	await event('group.nameChanged', ({ text }) => text === 'Last Choir');
	expect(heard.events.filter(({ event: name }) => name.startsWith('group.'))).toHaveLength(2);
	await heard.close();
});
