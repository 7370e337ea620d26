/**
 * What happened, counted by the hour for two days and by the day for five weeks. Some counts belong to
 * the time of what they are about: an answer counts when the conversation was begun, so that rates
 * compare like with like.
 */
import type { Shelf } from './shelf';
import { DAY, HOUR } from './types';

export const COUNTS = [
	'toPeople', // messages to people
	'toGroups', // messages to groups, channels and the status
	'replies', // of those to people: within a day after they wrote
	'begun', // new conversations
	'answered', // of those: they wrote back
	'unanswered', // messages to people who have not written since then or before
	'received', // direct messages from people
	'delivered',
	'read',
	'failed', // refused by WhatsApp, whatever the code
	'restricted', // of those: 463 and 475
	'unknown', // without an answer of WhatsApp
	'held', // not sent, because a limit or guardrail was in the way
	'over', // sent over a limit, because the node said so
	'byPhone', // of the messages to people: written on the phone or another device
] as const;

export type Count = (typeof COUNTS)[number];
export type Counts = Record<Count, number>;
type Bucket = Partial<Counts>;

const HOURS_KEPT = 49;
const DAYS_KEPT = 36;

const hourOf = (at: number) => Math.floor(at / HOUR);
const dayNumber = (at: number) => Math.floor(at / DAY);
const hourName = (hour: number) => `hour:${hour}`;
const dayName = (day: number) => `day:${day}`;

export const noCounts = (): Counts => Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts;

export class Tally {
	private readonly hours = new Map<number, Bucket>();
	private readonly days = new Map<number, Bucket>();

	constructor(private readonly shelf: Shelf) {}

	async load(now: number): Promise<void> {
		const back = (last: number, count: number) =>
			Array.from({ length: count }, (_none, index) => last - index);
		const hours = back(hourOf(now), HOURS_KEPT);
		const days = back(dayNumber(now), DAYS_KEPT);
		const stored = await this.shelf.read([...hours.map(hourName), ...days.map(dayName)]);
		for (const [index, bucket] of stored.entries()) {
			if (!bucket) continue;
			const hour = hours[index];
			if (hour !== undefined) this.hours.set(hour, bucket as Bucket);
			else this.days.set(days[index - hours.length] ?? 0, bucket as Bucket);
		}
	}

	/** Counts something that belongs to the time `at`. */
	count(name: Count, at: number, now: number, by = 1): void {
		if (now - at < HOURS_KEPT * HOUR) {
			this.add(this.hours, hourOf(at), hourName, name, by, HOURS_KEPT * HOUR);
		}
		if (now - at < DAYS_KEPT * DAY) {
			this.add(this.days, dayNumber(at), dayName, name, by, DAYS_KEPT * DAY);
		}
		this.forget(now);
	}

	/** What was counted in the last so many hours, the one that runs included. */
	lastHours(count: number, now: number): Counts {
		return sum(this.hours, hourOf(now), count);
	}

	/** What was counted in the last so many UTC days, today included. */
	lastDays(count: number, now: number): Counts {
		return sum(this.days, dayNumber(now), count);
	}

	/** The last so many UTC days one by one, oldest first, with the time at which each began. */
	byDay(count: number, now: number): Array<{ at: number; counts: Counts }> {
		const today = dayNumber(now);
		return Array.from({ length: count }, (_none, index) => {
			const day = today - count + 1 + index;
			return { at: day * DAY, counts: { ...noCounts(), ...this.days.get(day) } };
		});
	}

	forgetAll(): void {
		this.hours.clear();
		this.days.clear();
	}

	private add(
		buckets: Map<number, Bucket>,
		number: number,
		nameOf: (number: number) => string,
		name: Count,
		by: number,
		ttlMs: number,
	): void {
		let bucket = buckets.get(number);
		if (!bucket) buckets.set(number, (bucket = {}));
		bucket[name] = Math.max(0, (bucket[name] ?? 0) + by);
		const changed = bucket;
		this.shelf.put(nameOf(number), () => changed, ttlMs);
	}

	private forget(now: number): void {
		if (this.hours.size > 2 * HOURS_KEPT) drop(this.hours, hourOf(now) - HOURS_KEPT);
		if (this.days.size > 2 * DAYS_KEPT) drop(this.days, dayNumber(now) - DAYS_KEPT);
	}
}

function drop(buckets: Map<number, Bucket>, before: number): void {
	for (const number of buckets.keys()) if (number < before) buckets.delete(number);
}

function sum(buckets: ReadonlyMap<number, Bucket>, last: number, count: number): Counts {
	const total = noCounts();
	for (let number = last - count + 1; number <= last; number++) {
		const bucket = buckets.get(number);
		if (bucket) for (const name of COUNTS) total[name] += bucket[name] ?? 0;
	}
	return total;
}
