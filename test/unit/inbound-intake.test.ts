import { EventEmitter } from 'node:events';
import type { BinaryNode, SignalKeyStore, WASocket } from '@whiskeysockets/baileys';
import { Intake } from '../../src/inbound/intake';
import { isKept, isNotice, Notices } from '../../src/inbound/notices';
import { silentLog } from '../../src/log';
import { until } from '../helpers/until';
import { manualClock } from '../helpers/storage';

const notice = (attrs: Record<string, string> = {}, tag = 'notification'): BinaryNode => ({
	tag,
	attrs: { id: '1', type: 'w:gp2', from: '1@g.us', ...attrs },
});

interface Write {
	put: string[];
	done(error?: Error): void;
}

const keysOf = (writes: Write[]) =>
	({
		get: () => Promise.resolve({}),
		set: (data: Record<string, Record<string, unknown>>) =>
			new Promise<void>((resolve, reject) => {
				const entries = Object.entries(Object.values(data)[0] ?? {});
				writes.push({
					put: entries.filter(([, value]) => value !== null).map(([id]) => id),
					done: (error) => (error ? reject(error) : resolve()),
				});
			}),
	}) as unknown as SignalKeyStore;

/** A socket's events, and a key store whose writes the test lets through. */
function line() {
	const clock = manualClock();
	const ws = new EventEmitter();
	const heard: string[] = [];
	for (const tag of ['notification', 'message']) {
		ws.on(`CB:${tag}`, ({ attrs }: BinaryNode) => heard.push(attrs.id ?? ''));
	}
	const writes: Write[] = [];
	const dropped: string[] = [];
	const notices = new Notices({
		isWanted: () => true,
		drop: async (ids) => {
			dropped.push(...ids);
			await Promise.resolve();
		},
		clock,
		log: silentLog,
	});
	const intake = new Intake({
		keeps: (node) => notices.keeps(node),
		store: async (node, keys) => await notices.store(node, keys),
		clock,
		log: silentLog,
	});
	const socket = { ws } as unknown as WASocket;
	intake.attach(socket, keysOf(writes));
	return { clock, ws, heard, writes, dropped, notices, intake, socket };
}

test('a notice is stored before anybody gets to see it, and they keep their order', async () => {
	const { ws, heard, writes } = line();
	ws.emit('CB:notification', notice({ id: '1' }));
	ws.emit('CB:notification', notice({ id: '2', type: 'devices' }));
	await until('the write', () => writes.length === 1);
	expect(heard).toEqual([]);
	expect(isNotice(writes[0]?.put[0] ?? '')).toBe(true);
	writes[0]?.done();
	await until('both', () => heard.length === 2);
	expect(heard).toEqual(['1', '2']);
});

test('one that could not be stored is not handled, and the next is', async () => {
	const { ws, heard, writes } = line();
	ws.emit('CB:notification', notice({ id: '1' }));
	await until('the write', () => writes.length === 1);
	writes[0]?.done(new Error('away'));
	ws.emit('CB:notification', notice({ id: '2' }));
	await until('the second', () => writes.length === 2);
	writes[1]?.done();
	await until('it', () => heard.length === 1);
	expect(heard).toEqual(['2']);
});

test('it is forgotten when its events are surely stored', async () => {
	const { ws, clock, writes, dropped, heard } = line();
	ws.emit('CB:notification', notice());
	await until('the write', () => writes.length === 1);
	writes[0]?.done();
	await until('it', () => heard.length === 1);
	clock.advance(15_000);
	expect(dropped).toEqual(writes[0]?.put);
});

test('a handler that fails harms no other notice', async () => {
	const { ws, heard, writes, intake, socket } = line();
	ws.removeAllListeners('CB:notification');
	ws.on('CB:notification', ({ attrs }: BinaryNode) => {
		if (attrs.id === '1') throw new Error('no');
		heard.push(attrs.id ?? '');
	});
	intake.attach(socket, { set: () => Promise.resolve() } as unknown as SignalKeyStore);
	ws.emit('CB:notification', notice({ id: '1' }));
	ws.emit('CB:notification', notice({ id: '2' }));
	await until('the second', () => heard.length === 1);
	expect(heard).toEqual(['2']);
	expect(writes).toEqual([]);
});

test('what a former process left is given to the next socket once', async () => {
	const { ws, heard, writes, notices, socket } = line();
	notices.remember(notice({ id: '7' }));
	notices.repeat(socket);
	notices.repeat(socket);
	await until('the write', () => writes.length === 1);
	writes[0]?.done();
	await until('it', () => heard.length === 1);
	ws.emit('CB:notification', notice({ id: '8', type: 'devices' }));
	await until('the next', () => heard.length === 2);
	expect(heard).toEqual(['7', '8']);
});

test.each<[Record<string, string>, string, boolean]>([
	[{ type: 'w:gp2' }, 'notification', true],
	[{ type: 'picture', from: '1@g.us' }, 'notification', true],
	[{ type: 'picture', from: '1@lid' }, 'notification', false],
	[{ type: 'encrypt' }, 'notification', false],
	[{ type: 'link_code_companion_reg' }, 'notification', false],
	[{ type: '' }, 'receipt', true],
	[{ type: 'read' }, 'receipt', true],
	[{ type: 'played' }, 'receipt', false],
	[{ type: 'retry' }, 'receipt', false],
	[{}, 'call', true],
	[{ from: '1@newsletter' }, 'message', true],
])('%j of %s is kept: %s', (attrs, tag, kept) => {
	expect(isKept(notice(attrs, tag), (event) => event !== 'message.played')).toBe(kept);
});

const message = (id: string, attrs: Record<string, string> = {}, type = 'skmsg'): BinaryNode => ({
	tag: 'message',
	attrs: { id, from: '1@g.us', ...attrs },
	content: [{ tag: 'enc', attrs: { type }, content: Buffer.of(1) }],
});

test('messages wait for the notices before them, and have a journal of their own', async () => {
	const { ws, heard, writes } = line();
	ws.emit('CB:notification', notice({ id: '1' }));
	ws.emit('CB:message', message('2'));
	await until('the write', () => writes.length === 1);
	expect(heard).toEqual([]);
	writes[0]?.done();
	await until('both', () => heard.length === 2);
	expect(heard).toEqual(['1', '2']);
	expect(writes).toHaveLength(1);
});

test.each([
	['live', {}],
	['late', { offline: '0' }],
])('a %s message is passed on once the one before has begun to be decrypted', async (_, attrs) => {
	const { ws, heard, intake } = line();
	const [one, two] = [message('1', attrs), message('2')];
	ws.emit('CB:message', one);
	ws.emit('CB:message', two);
	ws.emit('CB:notification', notice({ id: '3', type: 'devices' }));
	await until('the first', () => heard.length === 1);
	intake.begun(one);
	await until('the second', () => heard.length === 2);
	intake.begun(two);
	await until('the notice', () => heard.length === 3);
	expect(heard).toEqual(['1', '2', '3']);
});

test('a live message that ends without being decrypted holds nothing up', async () => {
	const { ws, heard, intake, socket } = line();
	ws.removeAllListeners('CB:message');
	ws.on('CB:message', async ({ attrs }: BinaryNode) => {
		await Promise.resolve();
		heard.push(attrs.id ?? '');
	});
	intake.attach(socket, keysOf([]));
	ws.emit('CB:message', message('1'));
	ws.emit('CB:message', message('2'));
	await until('both', () => heard.length === 2);
});

test('a message of which nothing is heard is not waited for for ever, nor after its socket', async () => {
	const { ws, heard, intake, clock, socket } = line();
	ws.emit('CB:message', message('1', { offline: '0' }));
	ws.emit('CB:message', message('2', { offline: '0' }));
	await until('the first', () => heard.length === 1);
	clock.advance(10_000);
	await until('the second', () => heard.length === 2);
	intake.attach(socket, keysOf([]));
	ws.emit('CB:message', message('3'));
	await until('the third', () => heard.length === 3);
});

test('what is not decrypted is not waited for', async () => {
	const { ws, heard, writes } = line();
	ws.emit('CB:message', message('1', { from: '1@newsletter' }, 'plaintext'));
	ws.emit('CB:message', message('2'));
	await until('the write', () => writes.length === 1);
	writes[0]?.done();
	await until('both', () => heard.length === 2);
	expect(heard).toEqual(['1', '2']);
});

test('in good order, what is left is dropped at once', async () => {
	const { ws, heard, writes, dropped, notices } = line();
	ws.emit('CB:notification', notice());
	await until('the write', () => writes.length === 1);
	writes[0]?.done();
	await until('it', () => heard.length === 1);
	await notices.settle();
	expect(dropped).toEqual(writes[0]?.put);
});
