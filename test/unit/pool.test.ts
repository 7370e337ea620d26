import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import { Pool, type Pooled } from '../../src/session/pool';
import { manualClock } from '../helpers/storage';
import { until } from '../helpers/until';

class Thing implements Pooled {
	opened = 0;
	closed = 0;

	constructor(private readonly closing: Promise<void> = Promise.resolve()) {}

	async open(): Promise<void> {
		this.opened++;
		await Promise.resolve();
	}

	async close(): Promise<void> {
		await this.closing;
		this.closed++;
	}
}

test('many who ask at once share one object, opened once', async () => {
	const pool = new Pool<Thing>({ clock: systemClock, log: silentLog, lingerMs: 0 });
	const holds = Array.from({ length: 50 }, () => pool.hold('a', () => new Thing()));
	expect(new Set(holds.map(({ value }) => value)).size).toBe(1);
	await until('it to open', () => holds[0]?.value.opened === 1);
	await pool.close();
	expect(holds[0]?.value).toMatchObject({ opened: 1, closed: 1 });
});

test('it is closed after the last release and the linger time, and not before', async () => {
	const clock = manualClock();
	const pool = new Pool<Thing>({ clock, log: silentLog, lingerMs: 1_000 });
	const one = pool.hold('a', () => new Thing());
	const two = pool.hold('a', () => new Thing());
	one.release();
	one.release();
	clock.advance(5_000);
	expect(pool.peek('a')).toBe(one.value);
	two.release();
	clock.advance(999);
	expect(pool.peek('a')).toBe(one.value);
	clock.advance(1);
	await pool.closed();
	expect(one.value.closed).toBe(1);
	expect(pool.peek('a')).toBeUndefined();
});

test('what is busy lingers until it is not', async () => {
	const clock = manualClock();
	const pool = new Pool<Thing>({ clock, log: silentLog, lingerMs: 1_000 });
	const thing = Object.assign(new Thing(), { isBusy: true });
	pool.hold('a', () => thing).release();
	clock.advance(1_000);
	clock.advance(1_000);
	expect(pool.peek('a')).toBe(thing);
	thing.isBusy = false;
	clock.advance(1_000);
	await pool.closed();
	expect(thing.closed).toBe(1);
	// n8n that stops does not wait for it.
	const other = Object.assign(new Thing(), { isBusy: true });
	pool.hold('b', () => other).release();
	await pool.drain();
	expect(other.closed).toBe(1);
});

test('held again while it lingers, it stays open', async () => {
	const clock = manualClock();
	const pool = new Pool<Thing>({ clock, log: silentLog, lingerMs: 1_000 });
	pool.hold('a', () => new Thing()).release();
	const again = pool.hold('a', () => new Thing());
	clock.advance(10_000);
	await pool.closed();
	expect(again.value).toMatchObject({ closed: 0 });
});

test('a new object for the same key is opened only after the old one is closed', async () => {
	const clock = manualClock();
	const pool = new Pool<Thing>({ clock, log: silentLog, lingerMs: 0 });
	let finish: () => void = () => {};
	const slow = new Thing(new Promise((resolve) => (finish = resolve)));
	pool.hold('a', () => slow).release();
	clock.advance(0);
	const next = pool.hold('a', () => new Thing());
	await new Promise((resolve) => setImmediate(resolve));
	expect(next.value).not.toBe(slow);
	expect(next.value.opened).toBe(0);
	finish();
	await until('the new one to open', () => next.value.opened === 1);
	expect(slow.closed).toBe(1);
});

test('draining closes what nobody holds at once, and the rest with its last release', async () => {
	const pool = new Pool<Thing>({ clock: systemClock, log: silentLog, lingerMs: 60_000 });
	const idle = pool.hold('idle', () => new Thing());
	idle.release();
	const busy = pool.hold('busy', () => new Thing());
	await pool.drain();
	expect(idle.value.closed).toBe(1);
	expect(busy.value.closed).toBe(0);
	busy.release();
	await pool.closed();
	expect(busy.value.closed).toBe(1);
});
