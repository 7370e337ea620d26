import type { BinaryNode } from '../whatsapp/contract';
import { el } from '../whatsapp/server/nodes';
import { Outbox } from '../whatsapp/server/outbox';

const message = (id: string) => el('message', { id, from: 'x@lid' });

/** A line that remembers what went over it, shortened to tag and id. */
function line() {
	const sent: BinaryNode[] = [];
	return {
		sent,
		send: (node: BinaryNode) => void sent.push(node),
		ids: () => sent.filter(({ tag }) => tag === 'message').map(({ attrs }) => attrs['id']),
		marks: () =>
			sent
				.filter(({ tag }) => tag === 'ib')
				.flatMap(({ content }) => (Array.isArray(content) ? content : []))
				.map(({ tag, attrs }) => `${tag} ${attrs['count']}`),
	};
}

describe('an outbox', () => {
	it('closes the offline delivery at once when nothing waits', () => {
		const outbox = new Outbox();
		const wire = line();
		outbox.open(wire);
		expect(wire.marks()).toEqual(['offline 0']);
	});

	it('delivers what waited on request, marked as late, and closes with the count', () => {
		const outbox = new Outbox();
		for (const id of ['a', 'b', 'c']) outbox.push(message(id));
		outbox.push(el('receipt', { id: 'r' }));
		const wire = line();
		outbox.open(wire);
		expect(wire.marks()).toEqual(['offline_preview 4']);
		expect(wire.ids()).toEqual([]);
		outbox.sendBatch(2);
		expect(wire.ids()).toEqual(['a', 'b']);
		expect(wire.sent.at(-1)?.attrs['offline']).toBeDefined();
		outbox.sendBatch(2);
		expect(wire.ids()).toEqual(['a', 'b', 'c']);
		expect(wire.marks()).toEqual(['offline_preview 4', 'offline 4']);
	});

	it('goes on by itself when a batch has been worked off', () => {
		const outbox = new Outbox();
		for (const id of ['a', 'b', 'c']) outbox.push(message(id));
		const wire = line();
		outbox.open(wire);
		outbox.sendBatch(2);
		outbox.acknowledge('message', 'b');
		expect(wire.ids()).toEqual(['a', 'b']);
		outbox.acknowledge('message', 'a');
		expect(wire.ids()).toEqual(['a', 'b', 'c']);
	});

	it('keeps the order when something new comes during the backlog', () => {
		const outbox = new Outbox();
		outbox.push(message('old'));
		const wire = line();
		outbox.open(wire);
		outbox.push(message('new'));
		expect(wire.ids()).toEqual([]);
		outbox.sendBatch(100);
		expect(wire.ids()).toEqual(['old', 'new']);
		outbox.push(message('live'));
		expect(wire.ids()).toEqual(['old', 'new', 'live']);
		expect(wire.sent.at(-1)?.attrs['offline']).toBeUndefined();
	});

	it('sends again at the next login what was not acknowledged, and only that', () => {
		const outbox = new Outbox();
		const first = line();
		outbox.open(first);
		for (const id of ['a', 'b', 'c']) outbox.push(message(id));
		outbox.acknowledge('message', 'b');
		outbox.close(first);
		const second = line();
		outbox.open(second);
		outbox.sendBatch();
		expect(second.ids()).toEqual(['a', 'c']);
	});

	it('takes an ack only for what was sent over this login', () => {
		const outbox = new Outbox();
		outbox.push(message('a'));
		outbox.acknowledge('message', 'a');
		expect(outbox.size).toBe(1);
	});

	it('distinguishes kinds with the same id, and takes lists in receipts', () => {
		const outbox = new Outbox();
		outbox.open(line());
		for (const id of ['a', 'b', 'c']) outbox.push(message(id));
		outbox.push(el('receipt', { id: 'a' }));
		outbox.acknowledge('receipt', 'a');
		expect(outbox.pending.map(({ tag }) => tag)).toEqual(['message', 'message', 'message']);
		outbox.acknowledgeReceipt(
			el('receipt', { id: 'a' }, [el('list', {}, [el('item', { id: 'c' })])]),
		);
		expect(outbox.pending.map(({ attrs }) => attrs['id'])).toEqual(['b']);
	});

	it('keeps nothing of presence', () => {
		const outbox = new Outbox();
		outbox.push(el('presence', { from: 'x@lid' }));
		expect(outbox.size).toBe(0);
		const wire = line();
		outbox.open(wire);
		outbox.push(el('presence', { from: 'x@lid' }));
		expect(wire.sent.at(-1)?.tag).toBe('presence');
	});

	it('is not closed by the end of an older line', () => {
		const outbox = new Outbox();
		const [first, second] = [line(), line()];
		outbox.open(first);
		outbox.open(second);
		outbox.close(first);
		outbox.push(message('a'));
		expect(second.ids()).toEqual(['a']);
	});
});
