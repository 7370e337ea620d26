import { EventEmitter } from 'node:events';
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import { Line } from '../../src/inbound/line';
import { manualClock } from '../helpers/storage';

const message = (id: string, offline = false, type = 'msg'): BinaryNode => ({
	tag: 'message',
	attrs: { id, ...(offline ? { offline: '0' } : {}) },
	content: [{ tag: 'enc', attrs: { type }, content: Buffer.of(1) }],
});

/** What Baileys would see of each message, and the line that sees them first. */
function line() {
	const clock = manualClock();
	const ws = new EventEmitter();
	const it = new Line(clock);
	it.attach({ ws } as unknown as WASocket);
	const come = (node: BinaryNode) => {
		ws.emit('CB:message', node);
		return { node, queued: node.attrs.offline !== undefined };
	};
	return { clock, it, come };
}

test('a live message is left alone when nothing waits', () => {
	const { come, it } = line();
	expect(come(message('1')).queued).toBe(false);
	expect(it.cameLive('1')).toBe(false);
});

test('while older ones wait it joins their queue, until the last of these has begun', () => {
	const { come, it } = line();
	const one = come(message('1', true)).node;
	const two = come(message('2', true)).node;
	const three = come(message('3'));
	expect(three.queued).toBe(true);
	expect([it.cameLive('2'), it.cameLive('3')]).toEqual([false, true]);
	it.begun(one);
	expect(come(message('4')).queued).toBe(true);
	it.begun(two);
	it.begun(three.node);
	const five = come(message('5'));
	expect(five.queued).toBe(true); // 4 still waits
	it.begun(five.node); // so 4 was dropped on its way
	expect(come(message('6')).queued).toBe(false);
});

test('what is not decrypted is not waited for', () => {
	const { come } = line();
	come(message('1', true, 'msmsg'));
	expect(come(message('2')).queued).toBe(false);
});

test('a message of which nothing is heard does not hold the queue for ever', () => {
	const { come, clock } = line();
	come(message('1', true));
	clock.advance(61_000);
	expect(come(message('2')).queued).toBe(false);
});
