import { ConnectGate } from '../../src/session/connectGate';
import { manualClock } from '../helpers/storage';

const limits = { atOnce: 2, apartMs: 100, patienceMs: 5_000 };

function gate() {
	const clock = manualClock();
	const made = new ConnectGate(clock, limits);
	const inside: string[] = [];
	const leave = new Map<string, () => void>();
	const enter = (name: string, signal?: AbortSignal) =>
		made.enter(signal).then((go) => {
			inside.push(name);
			leave.set(name, go);
		});
	const settle = async () => await new Promise((resolve) => setImmediate(resolve));
	const advance = async (ms: number) => {
		clock.advance(ms);
		await settle();
	};
	return { inside, enter, settle, advance, leave: (name: string) => leave.get(name)?.() };
}

test('numbers begin one after the other, a few at a time, in order', async () => {
	const { inside, enter, settle, advance, leave } = gate();
	for (const name of ['a', 'b', 'c', 'd']) void enter(name);
	await settle();
	expect(inside).toEqual(['a']);
	await advance(100);
	expect(inside).toEqual(['a', 'b']);
	await advance(1_000);
	expect(inside).toEqual(['a', 'b']);
	leave('b');
	await settle();
	expect(inside).toEqual(['a', 'b', 'c']);
	leave('b'); // a second time does nothing
	await advance(100);
	expect(inside).toEqual(['a', 'b', 'c']);
	leave('a');
	await settle();
	expect(inside).toEqual(['a', 'b', 'c', 'd']);
});

test('one that hangs gives its place up after a while', async () => {
	const { inside, enter, settle, advance } = gate();
	for (const name of ['hangs', 'hangs too', 'next']) void enter(name);
	await settle();
	await advance(100);
	expect(inside).toEqual(['hangs', 'hangs too']);
	await advance(4_900);
	expect(inside).toEqual(['hangs', 'hangs too', 'next']);
});

test('one that gives up is not waited for', async () => {
	const { inside, enter, advance, leave } = gate();
	const givenUp = new AbortController();
	void enter('a');
	await advance(0);
	const left = enter('b', givenUp.signal).catch(() => 'gave up');
	void enter('c');
	givenUp.abort();
	await expect(left).resolves.toBe('gave up');
	await advance(100);
	expect(inside).toEqual(['a', 'c']);
	leave('a');
});
