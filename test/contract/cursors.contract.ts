import { until } from '../helpers/until';
import { bytes, UNUSUAL, type Stage } from './storage.contract';

const TRIGGER = 'workflow 1/node 2';
const by = (execution: string, process = 'main') => ({ process, execution });
/** Who hands over. */
const HANDS = by('trigger');

export function cursorsContract(stage: Stage): void {
	/** Positions of so many new events. */
	const events = async (count: number) => {
		const entries = Array.from({ length: count }, (_, index) => ({
			key: `${index}`,
			value: bytes('e'),
		}));
		return (await stage.account.inbox.append(entries)).map((seq) => seq ?? '');
	};
	const open = async (trigger = TRIGGER) =>
		(await stage.account.cursors.open(trigger)).map(
			({ seq, state, attempt, execution }) => `${seq} ${state} ${attempt} ${execution ?? '-'}`,
		);

	it('start unknown, keep a position, and the beginning is one', async () => {
		const { cursors } = stage.account;
		const [seq = ''] = await events(1);
		expect(await cursors.get(TRIGGER)).toBeUndefined();
		await cursors.set(TRIGGER, '');
		expect(await cursors.get(TRIGGER)).toBe('');
		await cursors.set(TRIGGER, seq);
		expect(await cursors.get(TRIGGER)).toBe(seq);
	});

	it('are never moved back by a late call', async () => {
		const [first = '', second = ''] = await events(2);
		await stage.account.cursors.set(TRIGGER, second);
		await stage.account.cursors.set(TRIGGER, first);
		await stage.account.cursors.set(TRIGGER, '');
		expect(await stage.account.cursors.get(TRIGGER)).toBe(second);
	});

	it('follow a delivery from emitted over claimed to done', async () => {
		const { cursors } = stage.account;
		const [seq = ''] = await events(1);
		await cursors.emitted(TRIGGER, seq, 1, HANDS);
		expect(await open()).toEqual([`${seq} emitted 1 trigger`]);
		expect(await cursors.get(TRIGGER)).toBeUndefined();
		expect(await cursors.claim(TRIGGER, seq, 1, by('e1'))).toBe(true);
		expect(await open()).toEqual([`${seq} claimed 1 e1`]);
		const [delivery] = await cursors.open(TRIGGER);
		expect(delivery).toMatchObject({ process: 'main', execution: 'e1' });
		expect(delivery?.at).toBeGreaterThan(Date.UTC(2020, 0, 1));
		await cursors.done(TRIGGER, seq, 1);
		expect(await open()).toEqual([`${seq} done 1 e1`]);
	});

	it('list deliveries oldest first and forget those that the position passed', async () => {
		const { cursors } = stage.account;
		const seqs = await events(5);
		for (const index of [3, 0, 4, 1, 2])
			await cursors.emitted(TRIGGER, seqs[index] ?? '', 1, HANDS);
		await cursors.done(TRIGGER, seqs[3] ?? '', 1);
		expect((await cursors.open(TRIGGER)).map(({ seq }) => seq)).toEqual(seqs);
		await cursors.set(TRIGGER, seqs[2] ?? '');
		expect(await open()).toEqual([`${seqs[3]} done 1 trigger`, `${seqs[4]} emitted 1 trigger`]);
	});

	it('let exactly one of many claims win', async () => {
		const { cursors } = stage.account;
		const again = (await stage.backend.openAgain?.())?.account(stage.account.account).cursors;
		for (const seq of await events(10)) {
			await cursors.emitted(TRIGGER, seq, 1, HANDS);
			const claims = await Promise.all(
				Array.from({ length: 10 }, (_, index) =>
					(index % 2 ? (again ?? cursors) : cursors).claim(TRIGGER, seq, 1, by(`e${index}`)),
				),
			);
			expect(claims.filter(Boolean)).toHaveLength(1);
			const [held] = (await cursors.open(TRIGGER)).filter((each) => each.seq === seq);
			expect(held?.execution).toBe(`e${claims.indexOf(true)}`);
		}
	});

	it('let the execution that holds an event claim it again, and nobody else', async () => {
		const { cursors } = stage.account;
		const [seq = ''] = await events(1);
		await cursors.emitted(TRIGGER, seq, 1, HANDS);
		expect(await cursors.claim(TRIGGER, seq, 1, by('e1'))).toBe(true);
		expect(await cursors.claim(TRIGGER, seq, 1, by('e1'))).toBe(true);
		expect(await cursors.claim(TRIGGER, seq, 1, by('e2'))).toBe(false);
		// Execution numbers of two n8n processes may be the same.
		expect(await cursors.claim(TRIGGER, seq, 1, by('e1', 'worker'))).toBe(false);
	});

	it('make older claims void with a new attempt', async () => {
		const { cursors } = stage.account;
		const [seq = ''] = await events(1);
		await cursors.emitted(TRIGGER, seq, 1, HANDS);
		expect(await cursors.claim(TRIGGER, seq, 1, by('e1'))).toBe(true);
		await cursors.emitted(TRIGGER, seq, 2, HANDS, 1);
		expect(await open()).toEqual([`${seq} emitted 2 trigger`]);
		expect(await cursors.claim(TRIGGER, seq, 1, by('e1'))).toBe(false);
		expect(await cursors.claim(TRIGGER, seq, 2, by('e2'))).toBe(true);
		// A late note about an older or the same attempt changes nothing.
		await cursors.emitted(TRIGGER, seq, 1, HANDS);
		await cursors.emitted(TRIGGER, seq, 2, HANDS);
		expect(await open()).toEqual([`${seq} claimed 2 e2`]);
	});

	it('let one of two hand an attempt over, and say so to the other', async () => {
		const { cursors } = stage.account;
		const again = (await stage.backend.openAgain?.())?.account(stage.account.account).cursors;
		const other = by('trigger', 'other main');
		const [seq = '', ...others] = await events(6);
		for (const each of others) {
			const both = [
				cursors.emitted(TRIGGER, each, 1, HANDS),
				(again ?? cursors).emitted(TRIGGER, each, 1, other),
			];
			expect((await Promise.all(both)).sort()).toEqual(['ours', 'taken']);
		}
		expect(await cursors.emitted(TRIGGER, seq, 1, HANDS)).toBe('ours');
		// An answer that was lost is asked for again.
		expect(await cursors.emitted(TRIGGER, seq, 1, HANDS)).toBe('ours');
		expect(await cursors.emitted(TRIGGER, seq, 2, other)).toBe('ours');
		expect(await cursors.emitted(TRIGGER, seq, 1, HANDS)).toBe('taken');
		expect(await cursors.claim(TRIGGER, seq, 2, by('e2'))).toBe(true);
		expect(await cursors.emitted(TRIGGER, seq, 2, other)).toBe('taken');
		await cursors.done(TRIGGER, seq, 2);
		expect(await cursors.emitted(TRIGGER, seq, 3, HANDS)).toBe('done');
	});

	it('keep a claim from being handed over once more, unless its execution died', async () => {
		const { cursors } = stage.account;
		const [seq = ''] = await events(1);
		await cursors.emitted(TRIGGER, seq, 1, HANDS);
		await cursors.claim(TRIGGER, seq, 1, by('e1'));
		expect(await cursors.emitted(TRIGGER, seq, 2, HANDS)).toBe('taken');
		expect(await open()).toEqual([`${seq} claimed 1 e1`]);
		expect(await cursors.emitted(TRIGGER, seq, 2, HANDS, 1)).toBe('ours');
		await cursors.claim(TRIGGER, seq, 2, by('e2'));
		expect(await cursors.emitted(TRIGGER, seq, 3, HANDS, 1)).toBe('taken');
		expect(await open()).toEqual([`${seq} claimed 2 e2`]);
	});

	it('let no older attempt end an event', async () => {
		const { cursors } = stage.account;
		const [seq = ''] = await events(1);
		await cursors.emitted(TRIGGER, seq, 1, HANDS);
		await cursors.emitted(TRIGGER, seq, 2, HANDS);
		expect(await cursors.done(TRIGGER, seq, 1)).toBe(false);
		expect(await cursors.claim(TRIGGER, seq, 2, by('e2'))).toBe(true);
		expect(await cursors.done(TRIGGER, seq, 2)).toBe(true);
		expect(await cursors.done(TRIGGER, seq, 1)).toBe(true);
	});

	it('refuse claims of what is done or passed', async () => {
		const { cursors } = stage.account;
		const [first = '', second = ''] = await events(2);
		await cursors.emitted(TRIGGER, first, 1, HANDS);
		await cursors.emitted(TRIGGER, second, 1, HANDS);
		await cursors.claim(TRIGGER, second, 1, by('e2'));
		await cursors.done(TRIGGER, second, 1);
		expect(await cursors.claim(TRIGGER, second, 1, by('e2'))).toBe(false);
		expect(await cursors.claim(TRIGGER, second, 2, by('e3'))).toBe(false);
		await cursors.emitted(TRIGGER, second, 2, HANDS);
		expect(await open()).toContain(`${second} done 1 e2`);
		await cursors.set(TRIGGER, first);
		expect(await cursors.claim(TRIGGER, first, 1, by('e1'))).toBe(false);
		await cursors.emitted(TRIGGER, first, 2, HANDS);
		await cursors.done(TRIGGER, first, 1);
		expect(await open()).toEqual([`${second} done 1 e2`]);
	});

	it('let a claim win whose note was lost with the storage', async () => {
		const [seq = ''] = await events(1);
		expect(await stage.account.cursors.claim(TRIGGER, seq, 1, by('e1'))).toBe(true);
		expect(await stage.account.cursors.claim(TRIGGER, seq, 1, by('e2'))).toBe(false);
	});

	it('may be done without a claim', async () => {
		const [seq = ''] = await events(1);
		await stage.account.cursors.done(TRIGGER, seq, 1);
		expect(await open()).toEqual([`${seq} done 1 -`]);
	});

	it('of different triggers and accounts do not touch each other', async () => {
		const [seq = ''] = await events(1);
		for (const trigger of UNUSUAL) await stage.account.cursors.emitted(trigger, seq, 1, HANDS);
		for (const trigger of UNUSUAL) {
			expect(await stage.account.cursors.claim(trigger, seq, 1, by(`of ${trigger}`))).toBe(true);
		}
		await stage.account.cursors.set('a', seq);
		expect((await stage.account.cursors.list()).sort()).toEqual([...UNUSUAL].sort());
		for (const trigger of UNUSUAL.filter((each) => each !== 'a')) {
			expect(await open(trigger)).toEqual([`${seq} claimed 1 of ${trigger}`]);
		}
		expect(await stage.storage.account('other').cursors.list()).toEqual([]);
	});

	it('are forgotten when removed', async () => {
		const { cursors } = stage.account;
		const [first = '', second = ''] = await events(2);
		await cursors.set(TRIGGER, first);
		await cursors.emitted(TRIGGER, second, 1, HANDS);
		await cursors.set('other', second);
		await cursors.remove(TRIGGER);
		await cursors.remove('never there');
		expect(await cursors.list()).toEqual(['other']);
		expect(await cursors.get(TRIGGER)).toBeUndefined();
		expect(await open()).toEqual([]);
	});

	it('tell about each claim once, here and in another handle', async () => {
		const { cursors } = stage.account;
		const again = (await stage.backend.openAgain?.())?.account(stage.account.account).cursors;
		const heard: string[] = [];
		const elsewhere: string[] = [];
		const stops = [
			cursors.onClaim((trigger, seq) => heard.push(`${trigger} ${seq}`)),
			again?.onClaim((trigger, seq) => elsewhere.push(`${trigger} ${seq}`)),
		];
		const seqs = await events(3);
		for (const seq of seqs) {
			await cursors.emitted('ä/{b}', seq, 1, HANDS);
			await cursors.claim('ä/{b}', seq, 1, by('e'));
			await cursors.claim('ä/{b}', seq, 1, by('e'));
			await cursors.claim('ä/{b}', seq, 1, by('other'));
		}
		const all = seqs.map((seq) => `ä/{b} ${seq}`);
		await until('all claims to be heard', () => heard.length >= 3);
		// In any order: one that came before the subscription is found a little later.
		expect(heard.sort()).toEqual(all);
		if (again) await until('them to be heard elsewhere', () => elsewhere.length >= 3);
		if (again) expect(elsewhere.sort()).toEqual(all);
		for (const stop of stops) stop?.();
	});
}
