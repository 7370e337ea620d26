/** Filters and options of the trigger, as the editor stores them, in n8n-core's own engine. */
import type { IDataObject } from 'n8n-workflow';
import { runtime } from '../../src/runtime';
import { Hearer, itemsOfRun, textsOf } from '../helpers/hearer';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

let hearer: Hearer;
let me: Phone;
let anna: Phone;
let ben: Phone;
let group: string;

const HOUR_MS = 60 * 60_000;
const who = (value: string) => ({ values: [{ chat: { __rl: true, mode: 'id', value } }] });

beforeAll(async () => {
	hearer = await Hearer.start();
	({ me, anna, ben } = hearer);
	await runtime().use(hearer.settings(), async ({ session }) => {
		// What is saved during the first sync is not told as new.
		const synced = () => session.openSocket?.authState.creds.accountSyncCounter;
		await until('the first sync', () => Boolean(synced()));
	});
	await me.saveContact(anna, 'Anna');
	group = await anna.createGroup('Choir', [me, ben]);
	await stored('contact.changed');
	await stored('group.created');
}, 60_000);

afterEach(async () => await hearer.closeTriggers());

afterAll(async () => await hearer.stop());

const stored = async (event: string) =>
	await runtime().nextEvent(
		hearer.settings(),
		(each) => each.event === event,
		AbortSignal.timeout(20_000),
	);

const reply = (phone: Phone) => async (text: string) => {
	const asked = await phone.waitForMessage('a question');
	await phone.reply(asked, text);
};

/** Name, filters, how to write what is left out, and what starts the workflow. */
const FILTERS: Array<
	[string, IDataObject, (text: string) => Promise<unknown>, (text: string) => Promise<unknown>]
> = [
	[
		'chats',
		{ chats: who('+1 555 010 0102') },
		(text) => anna.sendText(me, text),
		(text) => ben.sendText(me, text),
	],
	[
		'people, also in groups',
		{ people: who('+1 555 010 0102') },
		(text) => anna.sendText(group, text),
		(text) => ben.sendText(group, text),
	],
	[
		'where',
		{ places: ['groups'] },
		(text) => anna.sendText(me, text),
		(text) => anna.sendText(group, text),
	],
	[
		'people not in contacts',
		{ onlyContacts: true },
		(text) => ben.sendText(me, text),
		(text) => anna.sendText(me, text),
	],
	[
		'only when mentioned, in groups',
		{ addressed: true },
		(text) => anna.sendText(group, text),
		(text) => anna.sendText(group, text, { mentions: [me.lid] }),
	],
	[
		'media kinds',
		{ media: ['image'] },
		(text) => anna.sendMedia(me, 'video', Buffer.of(1), { caption: text }),
		(text) => anna.sendMedia(me, 'image', Buffer.of(1), { caption: text }),
	],
	[
		'without media',
		{ media: ['none'] },
		(text) => anna.sendMedia(me, 'image', Buffer.of(1), { caption: text }),
		(text) => anna.sendText(me, text),
	],
	[
		'text contains',
		{ contains: 'INVOICE' },
		(text) => anna.sendText(me, text),
		(text) => anna.sendText(me, `an invoice: ${text}`),
	],
	[
		'text matches',
		{ pattern: '/^order \\d+/i' },
		(text) => anna.sendText(me, `no order 5 ${text}`),
		(text) => anna.sendText(me, `Order 5 ${text}`),
	],
	[
		'starts with command',
		{ commands: '/help, /stop' },
		(text) => anna.sendText(me, `/stopping ${text}`),
		(text) => anna.sendText(me, `/STOP ${text}`),
	],
];

test.each(FILTERS)('filter: %s', async (name, filters, leftOut, fits) => {
	const trigger = await hearer.activate(hearer.workflow({ filters }));
	await leftOut(`${name}: left out`);
	await fits(`${name}: fits`);
	await trigger.waitForRuns(1);
	expect(textsOf(trigger)).toEqual([expect.stringContaining(`${name}: fits`)]);
});

test('filter: a reply to this number counts as meant for it', async () => {
	const trigger = await hearer.activate(
		hearer.workflow({ filters: { addressed: true, places: ['groups'] } }),
	);
	await me.sendText(group, 'a question');
	await anna.sendText(group, 'just talk');
	await reply(ben)('the answer');
	await trigger.waitForRuns(1);
	expect(textsOf(trigger)).toEqual(['the answer']);
});

test('filter: what I do myself is left out unless asked for', async () => {
	const events = ['reaction.added'];
	const usual = await hearer.activate(hearer.workflow({ events }));
	const all = await hearer.activate(hearer.workflow({ events, filters: { ignoreOwn: false } }));
	const sent = await anna.sendText(me, 'like this?');
	await me.react(await me.waitForMessage('like this?'), '👍');
	await all.waitForRuns(1);
	await anna.react(sent, '🎉');
	await usual.waitForRuns(1);
	const emojis = ({ runs }: typeof all) =>
		runs.map((run) => [itemsOfRun(run)[0]?.json.fromMe, itemsOfRun(run)[0]?.json.reaction]);
	expect(emojis(usual)).toEqual([[false, '🎉']]);
	await all.waitForRuns(2);
	expect(emojis(all)).toEqual([
		[true, '👍'],
		[false, '🎉'],
	]);
});

test('filter: quiet times', async () => {
	const allDay = (days: number[]) => ({
		quiet: { values: [{ from: '00:00', to: '00:00', days }] },
	});
	const sleeper = hearer.workflow({ filters: allDay([]) });
	const asleep = await hearer.activate(sleeper);
	const another = (new Date().getDay() + 3) % 7;
	const awake = await hearer.activate(hearer.workflow({ filters: allDay([another]) }));
	await anna.sendText(me, 'are you awake?');
	await awake.waitForRuns(1);
	expect(textsOf(awake)).toEqual(['are you awake?']);
	await runtime().use(hearer.settings(), async ({ storage: { cursors, inbox } }) => {
		// It has been passed by, not kept for later.
		await until('the sleeper to have passed it', async () => {
			return (await cursors.get(`${sleeper.id}/trigger`)) === (await inbox.end());
		});
	});
	expect(asleep.runs).toEqual([]);
});

test.each([
	[24, 23, 25],
	[1, 0, 2],
])(
	'option: with a catch-up age of %d hours, %d hours old starts the workflow, %d hours not',
	async (catchUpHours, young, old) => {
		const workflow = hearer.workflow({ options: { catchUpHours } });
		await (await hearer.activate(workflow)).close();
		const write = async (hours: number) => {
			hearer.server.moveClock(-hours * HOUR_MS);
			await anna.sendText(me, `${hours} hours ago`);
			hearer.server.moveClock(hours * HOUR_MS);
		};
		await write(old);
		await write(young);
		const trigger = await hearer.activate(workflow);
		await trigger.waitForRuns(1);
		expect(textsOf(trigger)).toEqual([`${young} hours ago`]);
	},
);

test('option: with a catch-up age of 0 what happens now still starts the workflow', async () => {
	const trigger = await hearer.activate(hearer.workflow({ options: { catchUpHours: 0 } }));
	await anna.sendText(me, 'just now');
	await trigger.waitForRuns(1);
});

test('option: files go into the field that was chosen', async () => {
	const options = { download: true, binaryPropertyName: 'picture' };
	const trigger = await hearer.activate(hearer.workflow({ options }));
	await anna.sendMedia(me, 'image', Buffer.from('a picture'));
	await trigger.waitForRuns(1);
	expect(Object.keys(itemsOfRun(trigger.runs[0])[0]?.binary ?? {})).toEqual(['picture']);
});

test('the same workflow on several numbers: each has its own', async () => {
	const other = await hearer.server.phone('+1 555 010 0103', { name: 'Other' });
	await hearer.link('second', other);
	const one = await hearer.activate(hearer.workflow({}, { id: 'shared' }));
	const two = await hearer.activate(hearer.workflow({}, { id: 'shared', number: 'second' }));
	await anna.sendText(me, 'to me');
	await anna.sendText(other, 'to the other');
	await one.waitForRuns(1);
	await two.waitForRuns(1);
	await two.close();
	await anna.sendText(me, 'to me again');
	await one.waitForRuns(2);
	expect(textsOf(one)).toEqual(['to me', 'to me again']);
	expect(textsOf(two)).toEqual(['to the other']);
});

test('Execute Step says so when the number is not linked', async () => {
	const waiting = hearer.execute({}, 'third');
	await expect(waiting).rejects.toThrow(/not linked/);
});
