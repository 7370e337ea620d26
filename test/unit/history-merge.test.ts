import fc from 'fast-check';
import { flagsOf, isExpired, pack, unpack, type Item } from '../../src/history/item';
import * as merge from '../../src/history/merge';
import { FLAG } from '../../src/storage/historyRole';

const bytes = (text: string) => Buffer.from(text);
const message = (more: Partial<Item> = {}): Item => ({
	at: 1_000,
	fromMe: false,
	kind: 'text',
	content: bytes('original'),
	...more,
});
const anna = { fromMe: false, from: 'anna@lid' };

type Step = (before: Item | undefined) => Item | undefined;
const apply = (steps: readonly Step[], start?: Item): Item | undefined =>
	steps.reduce<Item | undefined>((item, step) => step(item) ?? item, start);
/** Comparable: order of marks and absent fields do not matter. */
const shown = (item: Item | undefined) =>
	item && {
		...JSON.parse(JSON.stringify(unpack(pack(item)))),
		content: item.content && Buffer.from(item.content).toString(),
		reactions: [...(item.reactions ?? [])].sort(),
		votes: [...(item.votes ?? [])].sort(),
		receipts: [...(item.receipts ?? [])].sort(),
	};

const inGroup = message({ from: 'anna@lid' });
const edit =
	(text: string, at: number, actor = anna): Step =>
	(before) =>
		merge.edited(before, { at, kind: 'text', content: bytes(text), actor });

const STEPS: Record<string, Step> = {
	message: (before) => merge.received(before, inGroup),
	again: (before) => merge.received(before, { ...inGroup, reactions: [['ben@lid', '👍', 5]] }),
	edit: edit('second', 2_000),
	laterEdit: edit('third', 3_000),
	reaction: (before) => merge.reacted(before, 'ben@lid', '👍', 5),
	otherReaction: (before) => merge.reacted(before, 'ben@lid', '😮', 9),
	ownReaction: (before) => merge.reacted(before, '', '❤️', 7),
	vote: (before) => merge.voted(before, 'ben@lid', ['a'], 5),
	votedBack: (before) => merge.voted(before, 'ben@lid', [], 6),
};

test('the end is the same in whatever order, and however often, things are told', () => {
	const names = Object.keys(STEPS);
	const order = fc.shuffledSubarray(names, { minLength: names.length });
	const expected = shown(apply(names.map((name) => STEPS[name]!)));
	fc.assert(
		fc.property(order, fc.array(fc.constantFrom(...names)), (all, more) => {
			const steps = [...more, ...all].map((name) => STEPS[name]!);
			expect(shown(apply(steps))).toEqual(expected);
		}),
	);
	expect(expected).toMatchObject({ content: 'third', editedAt: 3_000, at: 1_000 });
});

test('telling it again changes nothing', () => {
	const names = Object.keys(STEPS);
	const item = apply(names.map((name) => STEPS[name]!));
	for (const name of names) expect(STEPS[name]!(item)).toBeUndefined();
});

test('a deletion takes everything that was said away, whenever it comes', () => {
	const remove: Step = (before) => merge.deleted(before, { at: 4_000, actor: anna });
	const names = Object.keys(STEPS);
	fc.assert(
		fc.property(
			fc.shuffledSubarray([...names, 'remove'], { minLength: names.length + 1 }),
			(all) => {
				const item = apply(all.map((name) => (name === 'remove' ? remove : STEPS[name]!)));
				expect(item).toMatchObject({ deleted: true, kind: 'delete', at: 1_000, from: 'anna@lid' });
				expect(item?.content).toBeUndefined();
				expect(item?.reactions ?? []).toEqual([]);
				expect(item?.early).toBeUndefined();
			},
		),
	);
});

test('only its author edits a message, also when the edit comes first', () => {
	const ben = { fromMe: false, from: 'ben@lid' };
	for (const steps of [
		[STEPS.message!, edit('forged', 9_000, ben)],
		[edit('forged', 9_000, ben), STEPS.message!],
	]) {
		expect(shown(apply(steps))).toMatchObject({ content: 'original' });
	}
	// In a direct chat the other side cannot delete what I wrote.
	const mine = message({ fromMe: true });
	const theirs = { at: 5, actor: { fromMe: false } };
	expect(merge.deleted(mine, theirs)).toBeUndefined();
	expect(merge.received(merge.deleted(undefined, theirs), mine)).toMatchObject({ fromMe: true });
	expect(merge.received(merge.deleted(undefined, theirs), mine)?.deleted).toBeUndefined();
});

test('another message with the same id does not take its place', () => {
	const mine = message({ fromMe: true, content: bytes('forged') });
	expect(merge.received(message(), mine)).toBeUndefined();
});

test('receipts keep the first time of each, statuses only advance', () => {
	const own = message({ fromMe: true, status: 1 });
	const steps: Step[] = [
		(before) => merge.advanced(before, 3),
		(before) => merge.advanced(before, 2),
		(before) => merge.advanced(before, 0),
		(before) => merge.receipted(before, 'anna@lid', 'read', 9),
		(before) => merge.receipted(before, 'anna@lid', 'delivered', 5),
		(before) => merge.receipted(before, 'anna@lid', 'delivered', 7),
	];
	expect(apply(steps, own)).toMatchObject({ status: 3, receipts: [['anna@lid', 5, 9, 0]] });
	expect(merge.advanced(own, 0)).toMatchObject({ status: 0 });
	expect(merge.receipted(undefined, 'anna@lid', 'read', 1)).toBeUndefined();
	// In a chat of two the status that follows says nothing new.
	const delivered = merge.receipted(own, 'anna@lid', 'delivered', 5, true);
	expect(delivered).toMatchObject({ status: 3, receipts: [['anna@lid', 5, 0, 0]] });
	expect(merge.advanced(delivered, 3)).toBeUndefined();
	expect(merge.receipted(delivered, 'anna@lid', 'read', 9, true)).toMatchObject({ status: 4 });
	expect(merge.receipted(own, 'anna@lid', 'read', 9)).toMatchObject({ status: own.status });
	expect(merge.advanced(message(), 4)).toBeUndefined();
});

test('an item is the same after storing', () => {
	const full: Item = {
		...message({ media: true, starred: true, imported: true, held: true }),
		from: 'anna@lid',
		author: 'Anna',
		quotes: 'Q',
		status: 2,
		stub: 40,
		editedAt: 3,
		expiresAt: 9,
		reactions: [['', '👍', 1]],
		votes: [['anna@lid', ['x'], 2]],
		receipts: [['anna@lid', 1, 2, 3]],
	};
	for (const item of [full, message(), message({ content: undefined })]) {
		expect(unpack(pack(item))).toEqual({
			...item,
			...(item.content ? {} : { content: undefined }),
		});
	}
	expect(flagsOf(full)).toBe(FLAG.media);
	expect(flagsOf(message({ early: true, fromMe: true }))).toBe(FLAG.fromMe + FLAG.hidden);
	expect(isExpired(full, 100)).toBe(false);
	expect(isExpired({ ...full, held: undefined }, 9)).toBe(true);
});
