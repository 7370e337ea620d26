/** Many items: which output belongs to which input, what a failing one does, and tries again. */
import { jpeg } from '../helpers/mediaFiles';
import { chat, Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

let sender: Sender;
let anna: Phone;
const ANNA = '+1 555 010 0101';

beforeAll(async () => {
	sender = await Sender.start();
	anna = await sender.server.phone(ANNA, { name: 'Anna' });
});
afterAll(async () => await sender.stop());

const people = [ANNA, '+1 555 010 0199', ANNA];
const items = people.map((to, index) => ({ json: { to, text: `item ${index}` } }));
const each = { chat: chat('={{ $json.to }}'), text: '={{ $json.text }}' };

test('every output names its input, and a failing item stops the others or not', async () => {
	const output = await sender.items('sendText', each, { items, continueOnFail: true });
	expect(output.map(({ pairedItem }) => pairedItem)).toEqual([
		{ item: 0 },
		{ item: 1 },
		{ item: 2 },
	]);
	expect(output.map(({ json }) => json.status ?? json.code)).toEqual([
		'accepted',
		'not-on-whatsapp',
		'accepted',
	]);
	await anna.waitForMessage('item 2');

	const run = await sender.run('sendText', each, { items });
	expect(run.data.resultData.error).toMatchObject({
		message: 'This number is not on WhatsApp.',
		context: { itemIndex: 1 },
	});
	expect(anna.messages.filter(({ text }) => text === 'item 2')).toHaveLength(1);
});

test('an execution that runs again sends nothing twice', async () => {
	const fine = items.filter((_item, index) => index !== 1);
	const again = { items: fine, executionId: 'once' };
	const first = await sender.items('sendText', each, again);
	const before = anna.messages.length + anna.inbox.duplicates.length;
	expect(await sender.items('sendText', each, again)).toEqual(first);
	expect(anna.messages.length + anna.inbox.duplicates.length).toBe(before);
});

test('a slow upload holds up neither texts to the same chat nor to others', async () => {
	const ben = await sender.server.phone('+1 555 010 0102', { name: 'Ben' });
	const { media } = sender.server;
	const release = media.holdUploads();
	const binary = { data: { data: (await jpeg()).toString('base64'), mimeType: 'image/jpeg' } };
	const slow = sender.send(
		'sendImage',
		{ chat: chat(ANNA) },
		{ items: [{ json: {}, binary }], executionId: 'slow' },
	);
	await until('the upload to be held up', () => media.waitingUploads === 1);
	const [first, second] = await Promise.all([
		sender.send('sendText', { chat: chat(ANNA), text: 'meanwhile' }),
		sender.send('sendText', { chat: chat(ben.number), text: 'to Ben' }),
	]);
	expect([first.status, second.status]).toEqual(['accepted', 'accepted']);
	await Promise.all([anna.waitForMessage('meanwhile'), ben.waitForMessage('to Ben')]);
	expect(media.waitingUploads).toBe(1);
	release();
	const { messageId } = await slow;
	await anna.waitForMessage(({ id }) => id === messageId);
});

test('with Send Once Per other executions send nothing again, as calls of a sub-workflow are', async () => {
	const before = sender.server.count('message');
	const once = (orderId: string) => ({
		chat: chat(ANNA),
		text: `Order ${orderId} is on its way`,
		safety: { once: orderId },
	});
	const first = await sender.send('sendText', once('7'), { executionId: 'child-1' });
	expect(await sender.send('sendText', once('7'), { executionId: 'child-2' })).toEqual(first);
	const other = await sender.send('sendText', once('8'), { executionId: 'child-3' });
	expect(other.messageId).not.toBe(first.messageId);
	expect(sender.server.count('message')).toBe(before + 2);
});

test('a rejected message is not tried again at once', async () => {
	const parameters = { chat: chat(ANNA), text: 'no' };
	sender.server.rejectNext({ code: 463 });
	const once = { executionId: 'rejected' };
	expect((await sender.refusal('sendText', parameters, once)).code).toBe('restricted');
	const sent = sender.server.count('message');
	expect((await sender.refusal('sendText', parameters, once)).code).toBe('restricted');
	expect(sender.server.count('message')).toBe(sent);
});
