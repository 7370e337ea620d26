/** What operations read of the history: what the phone sent at linking, and what happens since. */
import type { IDataObject } from 'n8n-workflow';
import { chat, type Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';
import type { HistoryMessage } from '../whatsapp/phone/history';

const ANNA = '+1 555 010 0101';
const DORA = '+1 555 010 0104';
const GROUP = '120363000000000777@g.us';
/** Seconds since the epoch of the oldest message of Anna's chat; one a minute from there on. */
const BEGAN = Date.UTC(2026, 0, 5, 8) / 1_000;
const AT_LINKING = 60;

/** Gives the phone a past; call it before linking. */
export async function prepareHistory({ server, me }: Sender): Promise<void> {
	const anna = await server.phone(ANNA, { name: 'Anna' });
	const ben = await server.phone('+1 555 010 0102', { name: 'Ben' });
	const carl = await server.phone('+1 555 010 0103', { name: 'Carl' });
	// Only her number is known, to the phone too.
	const dora = await server.phone(DORA, { name: 'Dora' });
	// The phone's address book knows both forms of their addresses.
	for (const { jid, lid } of [anna, ben, carl]) me.core.directory.learn(jid, lid);
	const minute = (n: number) => BEGAN + n * 60;
	const withAnna = Array.from({ length: 100 }, (_, n): HistoryMessage => ({
		id: `ANNA${String(n).padStart(4, '0')}`,
		text: n === 90 ? 'The invoice of March, please' : `Message number ${n}`,
		fromMe: n % 4 === 3,
		timestamp: minute(n),
	}));
	me.history = {
		atLinking: AT_LINKING,
		names: { [anna.lid]: 'Anna', [ben.lid]: 'Ben', [carl.lid]: 'Carl', [dora.jid]: 'Dora' },
		chats: [
			{ id: anna.lid, name: 'Anna Contact', unread: 3, pinned: minute(100), messages: withAnna },
			{
				// Known to the phone by number; the LID comes along.
				id: ben.jid,
				messages: [{ id: 'BEN0001', text: 'Grüße aus Köln', timestamp: minute(200) }],
			},
			{
				id: carl.lid,
				archived: true,
				messages: [{ id: 'CARL0001', text: 'old', timestamp: minute(-900) }],
			},
			{
				id: dora.jid,
				messages: [{ id: 'DORA0001', text: 'long ago', timestamp: minute(-2_000) }],
			},
			{
				id: GROUP,
				name: 'Choir',
				mutedUntil: -1,
				messages: [
					{
						id: 'CHOIR001',
						text: 'The invoice of the hall',
						from: anna.lid,
						timestamp: minute(150),
					},
					{ id: 'CHOIR002', text: 'I pay it tomorrow', from: ben.lid, timestamp: minute(151) },
					{ id: 'CHOIR003', text: 'Thanks!', fromMe: true, timestamp: minute(152) },
				],
			},
		],
	};
}

export function historySuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;
	let ben: Phone;

	const ids = (items: IDataObject[]) => items.map(({ messageId }) => messageId);
	const ofChat = async (operation: string, parameters: IDataObject = {}) =>
		(await sender.items(operation, { resource: 'chat', ...parameters })).map(({ json }) => json);
	const ofMessage = async (operation: string, parameters: IDataObject) =>
		(await sender.items(operation, parameters)).map(({ json }) => json);
	const get = async (id: string, more: IDataObject = {}) =>
		(await ofMessage('get', { messageId: id, ...more }))[0]!;
	/** Waits until a message of the history fulfils a condition. */
	const becomes = async (id: string, fits: (message: IDataObject) => boolean) =>
		await until(`message ${id}`, async () => {
			const run = await sender.run('get', { messageId: id, simplify: false });
			const message = run.data.resultData.runData.WhatsApp?.[0]?.data?.main?.[0]?.[0]?.json;
			return message && fits(message) && message;
		});
	const messages = async (parameters: IDataObject = {}) =>
		await ofChat('getMessages', { chat: chat(ANNA), ...parameters });

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA);
		ben = await sender.server.phone('+1 555 010 0102');
		await until('the history', async () => {
			const [newest] = await messages({ limit: 1 }).catch(() => []);
			const all = await messages({ returnAll: true }).catch(() => []);
			const chats = await ofChat('getMany', { filters: { withMessages: true } });
			const listed = chats.every(({ lastMessage }) => lastMessage !== null);
			return newest?.messageId === 'ANNA0099' && all.length === AT_LINKING && listed;
		});
	});
	afterAll(async () => await sender.stop());

	describe('chats', () => {
		test('come with the most recent first, their last message and what is unread', async () => {
			const found = await ofChat('getMany', { filters: { withMessages: true } });
			expect(found.map(({ name }) => name)).toEqual([
				'Ben',
				'Choir',
				'Anna Contact',
				'Carl',
				'Dora',
			]);
			expect(found[2]).toEqual({
				id: anna.lid,
				kind: 'person',
				name: 'Anna Contact',
				phone: '+15550100101',
				isContact: true,
				unread: 3,
				archived: false,
				lastMessageAt: '2026-01-05T09:39:00.000Z',
				lastMessage: 'Message number 99',
				lastMessageFromMe: true,
			});
		});

		test.each([
			[{ archived: true }, ['Carl']],
			[{ archived: false, withMessages: true }, ['Ben', 'Choir', 'Anna Contact', 'Dora']],
			[{ unread: true }, ['Anna Contact']],
			[{ kind: 'group' }, ['Choir']],
			[{ search: 'contact' }, ['Anna Contact']],
			[{ search: '0100102' }, ['Ben']],
			[{ search: 'nobody' }, []],
		])('are found with %j', async (filters, names) => {
			const found = await ofChat('getMany', { filters });
			expect(found.map(({ name }) => name)).toEqual(names);
		});

		test('are limited, and a limit that is none is refused', async () => {
			expect(await ofChat('getMany', { limit: 2 })).toHaveLength(2);
			for (const limit of [0, -1, 1.5, 'many']) {
				const refused = await sender.refusal('getMany', { resource: 'chat', limit });
				expect(refused.code).toBe('bad-parameter');
			}
		});

		test('have all details one by one, by number, ID or LID', async () => {
			for (const which of [ANNA, anna.jid, anna.lid]) {
				const [found] = await ofChat('get', { chat: chat(which) });
				expect(found).toMatchObject({
					id: anna.lid,
					person: { lid: anna.lid, phone: '+15550100101', pushName: 'Anna', isContact: true },
					pinned: true,
					muted: false,
					storedMessages: AT_LINKING,
					oldestMessageAt: '2026-01-05T08:40:00.000Z',
					lastMessage: { messageId: 'ANNA0099', kind: 'text', fromMe: true },
				});
			}
			const [group] = await ofChat('get', { chat: chat(GROUP) });
			expect(group).toMatchObject({ kind: 'group', muted: true, mutedUntil: null, person: null });
		});

		test.each([
			['+1 555 010 9999', 'not-found'],
			['120363999999999999@g.us', 'not-found'],
			['12', 'bad-phone'],
			['anna', 'bad-recipient'],
			['https://chat.whatsapp.com/AAAAAAAAAAAAAAAAAAAAAA', 'bad-recipient'],
		])('that are not known are said to be so: %s', async (which, code) => {
			for (const operation of ['get', 'getMessages']) {
				const refused = await sender.refusal(operation, { resource: 'chat', chat: chat(which) });
				expect(refused.code).toBe(code);
			}
		});
	});

	describe('messages of a chat', () => {
		const numbers = (found: IDataObject[]) =>
			ids(found).map((id) => Number(/^ANNA(\d+)$/.exec(String(id))?.[1]));
		const range = (from: number, to: number) =>
			Array.from({ length: to - from }, (_, n) => from + n);

		test('are the newest, in the order of the chat or the other way round', async () => {
			expect(numbers(await messages({ limit: 3 }))).toEqual([97, 98, 99]);
			const newest = { limit: 3, options: { order: 'newest' } };
			expect(numbers(await messages(newest))).toEqual([99, 98, 97]);
			expect(numbers(await messages({ returnAll: true }))).toEqual(range(40, 100));
		});

		test('are those before, after and around a message', async () => {
			const edge = 'ANNA0070';
			expect(numbers(await messages({ range: 'before', edge, limit: 3 }))).toEqual([67, 68, 69]);
			expect(numbers(await messages({ range: 'after', edge, limit: 3 }))).toEqual([71, 72, 73]);
			expect(numbers(await messages({ range: 'around', edge, limit: 5 }))).toEqual([
				68, 69, 70, 71, 72,
			]);
		});

		test('are those before, after and around a time', async () => {
			const edge = '2026-01-05T09:10:00.000Z';
			expect(numbers(await messages({ range: 'before', edge, limit: 2 }))).toEqual([68, 69]);
			expect(numbers(await messages({ range: 'after', edge, limit: 2 }))).toEqual([71, 72]);
			const late = { range: 'around', edge: '2026-01-05T09:10:30.000Z', limit: 2 };
			expect(numbers(await messages(late))).toEqual([70, 71]);
		});

		test('are filtered', async () => {
			const filters = { after: '2026-01-05T09:19:30.000Z', before: '2026-01-05T09:25:30.000Z' };
			expect(numbers(await messages({ filters }))).toEqual(range(80, 86));
			expect(numbers(await messages({ filters: { ...filters, fromMe: true } }))).toEqual([83]);
			const theirs = { ...filters, from: ANNA };
			expect(numbers(await messages({ filters: theirs }))).toEqual([80, 81, 82, 84, 85]);
			expect(await messages({ filters: { withMedia: true } })).toEqual([]);
			const inGroup = { chat: chat(GROUP), filters: { from: '+1 555 010 0102' } };
			expect(ids(await ofChat('getMessages', inGroup))).toEqual(['CHOIR002']);
		});

		test('are small when simplified, whole otherwise', async () => {
			const [simple] = await ofChat('getMessages', { chat: chat(GROUP), limit: 1 });
			expect(simple).toMatchObject({
				from: 'Me',
				fromMe: true,
				chatName: 'Choir',
				text: 'Thanks!',
			});
			const whole = { chat: chat(GROUP), simplify: false, filters: { fromMe: false }, limit: 1 };
			const [message] = await ofChat('getMessages', whole);
			expect(message).toMatchObject({
				messageId: 'CHOIR002',
				timestamp: '2026-01-05T10:31:00.000Z',
				isGroup: true,
				from: { id: ben.lid, lid: ben.lid, phone: '+15550100102', name: 'Ben' },
				kind: 'text',
				text: 'I pay it tomorrow',
				reactions: [],
				deleted: false,
			});
		});

		test.each([
			[{ limit: 0 }, 'bad-parameter'],
			[{ limit: -1 }, 'bad-parameter'],
			[{ filters: { after: 'next week' } }, 'bad-parameter'],
			[{ filters: { before: '2026-13-45' } }, 'bad-parameter'],
			[{ filters: { after: '2026-02-01', before: '2026-01-01' } }, 'bad-parameter'],
			[{ range: 'before', edge: '={{ "" }}' }, 'bad-parameter'],
			[{ range: 'before', edge: '!?' }, 'bad-parameter'],
			[{ range: 'after', edge: 'CHOIR001' }, 'not-found'],
			[{ range: 'around', edge: 'NONE0000' }, 'not-found'],
			[{ filters: { from: GROUP } }, 'bad-parameter'],
		])('are not read with %j', async (parameters, code) => {
			const all = { resource: 'chat', chat: chat(ANNA), ...parameters };
			expect((await sender.refusal('getMessages', all)).code).toBe(code);
		});
	});

	describe('searching', () => {
		const search = async (text: string, more: IDataObject = {}) =>
			ids(await ofMessage('search', { text, ...more }));

		test.each([
			['invoice', {}, ['CHOIR001', 'ANNA0090']],
			['INVOICE hall', {}, ['CHOIR001']],
			['"invoice of the"', {}, ['CHOIR001']],
			['"of invoice"', {}, []],
			['inv*', { limit: 1 }, ['CHOIR001']],
			['inv', {}, []],
			['grusse koln', {}, ['BEN0001']],
			['invoice', { filters: { from: ANNA, chat: chat(ANNA) } }, ['ANNA0090']],
			['invoice', { filters: { before: '2026-01-05T10:00:00.000Z' } }, ['ANNA0090']],
			['number', { filters: { fromMe: true }, limit: 2 }, ['ANNA0099', 'ANNA0095']],
			['thanks', { filters: { chat: chat(GROUP) } }, ['CHOIR003']],
			['nothingofthis', {}, []],
		])('%s with %j', async (text, more, found) => {
			expect(await search(text, more)).toEqual(found);
		});

		test.each(['={{ "" }}', '   ', '"', '""', '!!! ??', '* *', '“”'])(
			'for %j is refused: there is no word in it',
			async (text) => {
				expect((await sender.refusal('search', { text })).code).toBe('bad-parameter');
			},
		);
	});

	describe('what happens since', () => {
		test('messages of others, of the phone and of n8n are there, and count as unread or read', async () => {
			const before = (await ofChat('get', { chat: chat(ben.lid) }))[0]?.storedMessages;
			const received = await ben.sendText(sender.me.number, 'are you there?');
			await becomes(received.id, ({ text }) => text === 'are you there?');
			const unread = async (count: number) =>
				await until(`${count} unread`, async () => {
					const [found] = await ofChat('get', { chat: chat(ben.lid) });
					return found?.unread === count;
				});
			await unread(1);
			const fromPhone = await sender.me.sendText(ben.number, 'yes, I am');
			await becomes(fromPhone.id, ({ fromMe }) => fromMe === true);
			await unread(0);
			const sent = await sender.send('sendText', { chat: chat(ben.lid), text: 'and from n8n' });
			expect(await get(sent.messageId)).toMatchObject({ from: 'Me', text: 'and from n8n' });
			const [found] = await ofChat('get', { chat: chat(ben.lid) });
			expect(found?.storedMessages).toBe(Number(before) + 3);
			await until('the chat to be first', async () => {
				const [first] = await ofChat('getMany', { limit: 1 });
				return first?.name === 'Ben' && first.lastMessage === 'and from n8n';
			});
		});

		test('somebody known by number turns out to have a LID: the chat stays one', async () => {
			const dora = await sender.server.phone(DORA);
			const sent = await dora.sendText(sender.me.number, 'here I am again');
			await becomes(sent.id, ({ chat: where }) => where === dora.lid);
			for (const which of [DORA, dora.lid]) {
				await until('both messages', async () => {
					const found = await ofChat('getMessages', { chat: chat(which) });
					return String(ids(found)) === String(['DORA0001', sent.id]);
				});
			}
			const found = await ofChat('getMany', { filters: { search: 'Dora' } });
			expect(found).toMatchObject([{ id: dora.lid, phone: '+15550100104', unread: 1 }]);
			expect(ids(await ofMessage('search', { text: '"long ago"' }))).toEqual(['DORA0001']);
		});

		test('an edit leaves the latest text and says so; a deletion takes the text away', async () => {
			const sent = await anna.sendText(sender.me.number, 'frist version');
			await becomes(sent.id, ({ text }) => text === 'frist version');
			await anna.edit(sent, 'second version');
			await becomes(sent.id, ({ text, edited }) => text === 'second version' && edited === true);
			expect(ids(await ofMessage('search', { text: 'frist' }))).toEqual([]);
			expect(ids(await ofMessage('search', { text: '"second version"' }))).toEqual([sent.id]);
			await anna.edit(sent, 'third version', true);
			await becomes(sent.id, ({ text, edited }) => text === 'third version' && edited === true);
			expect(ids(await ofMessage('search', { text: '"second version"' }))).toEqual([]);
			await anna.revoke(sent);
			await becomes(sent.id, ({ deleted }) => deleted === true);
			expect(await get(sent.id)).toMatchObject({ text: null, deleted: true });
			expect(ids(await ofMessage('search', { text: '"third version"' }))).toEqual([]);
			const [last] = await messages({ limit: 1, simplify: false });
			expect(last).toMatchObject({ messageId: sent.id, text: null, deleted: true });
		});

		test('reactions come and go', async () => {
			const sent = await sender.send('sendText', { chat: chat(ANNA), text: 'like it?' });
			const message = await anna.waitForMessage((each) => each.id === sent.messageId);
			await anna.react(message, '❤️');
			await becomes(sent.messageId, ({ reactions }) => (reactions as unknown[]).length === 1);
			await anna.react(message, '😮');
			await until('the new reaction', async () => (await get(sent.messageId)).reactions === '😮');
			expect(await ofMessage('getReactions', { messageId: sent.messageId })).toEqual([
				{
					messageId: sent.messageId,
					chat: anna.lid,
					emoji: '😮',
					from: 'Anna Contact',
					fromMe: false,
					person: expect.objectContaining({ lid: anna.lid, phone: '+15550100101' }),
					timestamp: expect.stringMatching(/^\d{4}-/),
				},
			]);
			await anna.react(message, '');
			await until('no reaction', async () => (await get(sent.messageId)).reactions === null);
		});

		test('a reaction at a time that no calendar has spoils nothing', async () => {
			const sent = await sender.send('sendText', { chat: chat(ANNA), text: 'at any time' });
			const { key } = await anna.waitForMessage((each) => each.id === sent.messageId);
			await anna.sendMessage(sender.me.number, {
				reactionMessage: { key, text: '⏳', senderTimestampMs: 9e18 },
			});
			await until('the reaction', async () => (await get(sent.messageId)).reactions === '⏳');
			const reaction = { emoji: '⏳', timestamp: null };
			const { messageId } = sent;
			expect(await ofMessage('getReactions', { messageId })).toMatchObject([reaction]);
			const [last] = await messages({ limit: 1, simplify: false });
			expect(last).toMatchObject({ messageId, reactions: [reaction] });
		});

		test('receipts say who got and read an own message', async () => {
			const sent = await sender.send('sendText', { chat: chat(ANNA), text: 'read me' });
			const message = await anna.waitForMessage((each) => each.id === sent.messageId);
			anna.markRead(message);
			const [receipt] = await until('the receipt', async () => {
				const found = await ofMessage('getReceipts', { messageId: sent.messageId });
				return found[0]?.readAt ? found : undefined;
			});
			expect(receipt).toMatchObject({
				name: 'Anna Contact',
				person: { lid: anna.lid },
				deliveredAt: expect.stringMatching(/^\d{4}-/),
			});
			const theirs = await sender.refusal('getReceipts', { messageId: 'ANNA0090' });
			expect(theirs.code).toBe('not-yours');
		});

		test('replies are found', async () => {
			const asked = await sender.send('sendText', { chat: chat(ANNA), text: 'when?' });
			const question = await anna.waitForMessage((each) => each.id === asked.messageId);
			const first = await anna.reply(question, 'at ten');
			const second = await anna.reply(question, 'or eleven');
			await becomes(second.id, ({ quoted }) => (quoted as IDataObject).id === asked.messageId);
			const replies = await ofMessage('getReplies', { messageId: asked.messageId });
			expect(ids(replies)).toEqual([first.id, second.id]);
			expect(await ofMessage('getReplies', { messageId: 'ANNA0090' })).toEqual([]);
		});

		test('polls are counted', async () => {
			const poll = await sender.send('sendPoll', {
				chat: chat(ANNA),
				question: 'Tea or coffee?',
				choices: { choice: [{ text: 'Tea' }, { text: 'Coffee' }] },
			});
			const message = await anna.waitForMessage((each) => each.id === poll.messageId);
			await anna.vote(message, ['Coffee']);
			const results = async () =>
				(await ofMessage('getPollResults', { messageId: poll.messageId }))[0]!;
			await until('the vote', async () => (await results()).voters === 1);
			expect(await results()).toMatchObject({
				question: 'Tea or coffee?',
				results: [
					{ option: 'Tea', votes: 0, voters: [] },
					{ option: 'Coffee', votes: 1, voters: [{ lid: anna.lid }] },
				],
			});
			const wrong = await sender.refusal('getPollResults', { messageId: 'ANNA0090' });
			expect(wrong.code).toBe('bad-parameter');
		});

		test('what the phone archives, pins, reads and deletes', async () => {
			const chats = async () => (await ofChat('get', { chat: chat(ANNA) }))[0]!;
			await sender.me.archive(anna.lid);
			await until('archived', async () => (await chats()).archived === true);
			await sender.me.pinChat(anna.lid, false);
			await until('not pinned', async () => (await chats()).pinned === false);
			await sender.me.markChatRead(anna.lid, false);
			await until('marked as unread', async () => (await chats()).markedUnread === true);
			await sender.me.markChatRead(anna.lid);
			await until('read', async () => (await chats()).markedUnread === false);
			const sent = await anna.sendText(sender.me.number, 'for your eyes only');
			await becomes(sent.id, ({ text }) => text !== null);
			const onPhone = await sender.me.waitForMessage((each) => each.id === sent.id);
			await sender.me.chats.star(onPhone);
			await becomes(sent.id, ({ starred }) => starred === true);
			await sender.me.chats.deleteForMe(onPhone);
			await until('gone', async () => {
				const run = await sender.run('get', { messageId: sent.id });
				return run.data.resultData.error?.description?.includes('not-found');
			});
		});
	});

	test('older messages come from the phone when they are asked for', async () => {
		const fetch = { resource: 'chat', chat: chat(ANNA) };
		const [first] = await ofChat('fetchOlder', { ...fetch, limit: 15 });
		expect(first).toMatchObject({
			received: 15,
			isComplete: false,
			oldestMessageAt: '2026-01-05T08:25:00.000Z',
		});
		const [rest] = await ofChat('fetchOlder', { ...fetch, limit: 200 });
		expect(rest).toMatchObject({
			received: 25,
			isComplete: true,
			oldestMessageAt: '2026-01-05T08:00:00.000Z',
		});
		const edge = 'ANNA0045';
		const found = ids(await messages({ range: 'before', edge, returnAll: true }));
		expect(found).toHaveLength(45);
		expect(new Set(found).size).toBe(45);
		expect((await sender.refusal('fetchOlder', { ...fetch, limit: 0 })).code).toBe('bad-parameter');
	});

	describe('exported chats', () => {
		const file = (text: string | Buffer, name = 'chat.txt') => [
			{
				json: {},
				binary: {
					data: {
						data: Buffer.from(text).toString('base64'),
						mimeType: 'text/plain',
						fileName: name,
					},
				},
			},
		];
		const imported = async (text: string | Buffer, more: IDataObject = {}) => {
			const parameters = { resource: 'chat', chat: chat(ANNA), field: 'data', ...more };
			const [item] = await sender.items('import', parameters, { items: file(text) });
			return item!.json;
		};
		const exported = async (format: string, more: IDataObject = {}) => {
			const parameters = { resource: 'chat', chat: chat(ANNA), format, ...more };
			const [item] = await sender.items('export', parameters);
			return { ...item!.json, content: Buffer.from(item!.binary!.data!.data, 'base64').toString() };
		};
		const UTC = { options: { timeZone: 'UTC' } };

		test('are written as text and as JSON', async () => {
			const filters = { before: '2026-01-05T08:42:30.000Z', after: '2026-01-05T08:39:30.000Z' };
			expect(await exported('text', { ...UTC, filters })).toEqual({
				chat: anna.lid,
				chatName: 'Anna Contact',
				fileName: 'Anna Contact.txt',
				messages: 3,
				content: [
					'[2026-01-05, 08:40:00] Anna Contact: Message number 40',
					'[2026-01-05, 08:41:00] Anna Contact: Message number 41',
					'[2026-01-05, 08:42:00] Anna Contact: Message number 42',
					'',
				].join('\n'),
			});
			const { content } = await exported('json', { filters });
			expect(ids(JSON.parse(content) as IDataObject[])).toEqual([
				'ANNA0040',
				'ANNA0041',
				'ANNA0042',
			]);
		});

		test('are taken in without doubling what is there, and can be searched', async () => {
			const { content, messages: there } = (await exported('text', UTC)) as IDataObject & {
				content: string;
			};
			expect(await imported(content, UTC)).toMatchObject({ imported: 0, alreadyThere: there });
			const older = [
				'[04.03.21, 11:12:00] Anna Contact: Mein allererstes Lebenszeichen',
				'[04.03.21, 11:13:00] Me: \u200e<Anhang: 00000002-PHOTO-2021-03-04.jpg>',
				'[04.03.21, 11:13:30] Me: und das',
				'',
			].join('\n');
			const first = await imported(
				older + content.replace(/^\[20(\d\d)-(\d\d)-(\d\d)/gm, '[$3.$2.$1'),
				UTC,
			);
			expect(first).toMatchObject({ imported: 3, alreadyThere: there, dateOrder: 'dmy' });
			expect(first.from).toBe('2021-03-04T11:12:00.000Z');
			expect(await imported(older, UTC)).toMatchObject({ imported: 0, alreadyThere: 3 });
			const [found] = await ofMessage('search', { text: 'allererstes', simplify: false });
			expect(found).toMatchObject({
				timestamp: '2021-03-04T11:12:00.000Z',
				chat: anna.lid,
				from: { lid: anna.lid },
				imported: true,
			});
			const oldest = await messages({ range: 'before', edge: '2022-01-01', limit: 5 });
			expect(oldest.map(({ from, kind }) => [from, kind])).toEqual([
				['Anna Contact', 'text'],
				['Me', 'image'],
				['Me', 'text'],
			]);
		});

		test('that are none, or whose author nobody knows, are refused', async () => {
			const refused = async (text: string, more: IDataObject = {}) => {
				const parameters = { resource: 'chat', chat: chat(ANNA), field: 'data', ...more };
				return (await sender.refusal('import', parameters, { items: file(text) })).code;
			};
			expect(await refused('no chat at all')).toBe('bad-parameter');
			expect(await refused('PK\u0003\u0004 and no more')).toBe('bad-media');
			expect(await refused('[04.03.21, 11:12:00] X: a\n[04.03.21, 11:12:00] Y: b')).toBe(
				'bad-parameter',
			);
			expect(await refused('x', { options: { timeZone: 'Mars/Olympus' } })).toBe('bad-parameter');
			expect(await refused('[04.03.21, 11:12:00] X: a', { options: { ownName: 'Z' } })).toBe(
				'bad-parameter',
			);
		});
	});

	test('a message that is not there', async () => {
		for (const operation of [
			'get',
			'getReplies',
			'getReactions',
			'getReceipts',
			'getPollResults',
		]) {
			const missing = await sender.refusal(operation, { messageId: 'NONE0001' });
			expect(missing.code).toBe('not-found');
			const bad = await sender.refusal(operation, { messageId: '???' });
			expect(bad.code).toBe('bad-parameter');
		}
	});

	// The last one: nothing of what the others need is left after it.
	test('another number in the same credential finds nothing of the former one', async () => {
		const sent = await anna.sendText(sender.me.number, 'a secret of the former number');
		await becomes(sent.id, ({ text }) => text !== null);
		await sender.send('logOut', { resource: 'session' });
		const other = await sender.server.phone('+1 555 010 0150', { name: 'Other' });
		other.core.directory.learn(ben.jid, ben.lid);
		const first = { id: 'OTHER001', text: 'hello other', timestamp: BEGAN };
		other.history = { chats: [{ id: ben.lid, name: 'Ben B.', messages: [first] }] };
		await sender.link(other);
		await becomes(first.id, ({ text }) => text === 'hello other');
		const found = await ofChat('getMany', { returnAll: true, filters: { withMessages: true } });
		expect(found.map(({ name }) => name)).toEqual(['Ben B.']);
		for (const text of ['invoice', '"a secret"']) {
			expect(ids(await ofMessage('search', { text }))).toEqual([]);
		}
		for (const id of [sent.id, 'ANNA0099', 'CHOIR003']) {
			expect((await sender.refusal('get', { messageId: id })).code).toBe('not-found');
		}
		const quote = { chat: chat(ben.lid), text: 'as you said', options: { replyTo: sent.id } };
		expect((await sender.refusal('sendText', quote)).code).toBe('not-found');
		const contacts = await sender.items('getMany', { resource: 'contact', returnAll: true });
		expect(contacts.map(({ json }) => json.name)).toEqual(['Ben B.']);
		const [report] = await sender.items('getReport', { resource: 'safety', picture: false });
		expect(report?.json).toMatchObject({ last30Days: { received: 0, sentToPeople: 0 } });
		// And goes on as any other number does.
		const next = await ben.sendText(other.number, 'are you new?');
		await becomes(next.id, ({ text }) => text === 'are you new?');
	});
}
