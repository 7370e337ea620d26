/** The waiting room: answers first, bounded patience, leaving at once. */
import { HeldBack, Room, type Guest } from '../../src/safety/room';
import type { Decision, Line } from '../../src/safety/types';
import { manualClock } from '../helpers/storage';

const settle = async () => {
	for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function stage() {
	const clock = manualClock(1_000_000);
	const room = new Room(clock);
	const gone: string[] = [];
	const failed: Array<[string, unknown]> = [];
	/** One message every second, whatever its line. */
	let next = clock.now() + 1_000;
	const enter = (name: string, line: Line, more: Partial<Guest<string>> = {}) =>
		room
			.enter<string>({
				decide: (now): Decision =>
					now >= next
						? { kind: 'go', line }
						: { kind: 'wait', line, until: next, rule: 'pause', of: 'pace', because: 'Pause.' },
				admit: (_decision, now) => {
					next = now + 1_000;
					return name;
				},
				pauseUntil: Infinity,
				limitUntil: 0,
				signal: new AbortController().signal,
				...more,
			})
			.then(
				(done) => void gone.push(done),
				(error: unknown) => void failed.push([name, error]),
			);
	return { clock, room, gone, failed, enter };
}

test('answers go before what came earlier, new conversations last', async () => {
	const { clock, gone, enter, room } = stage();
	void enter('new', 'new');
	void enter('known', 'known');
	void enter('reply 1', 'reply');
	void enter('reply 2', 'reply');
	for (let second = 0; second < 4; second++) {
		clock.advance(1_000);
		await settle();
	}
	expect(gone).toEqual(['reply 1', 'reply 2', 'known', 'new']);
	expect(room.size).toBe(0);
});

test('a limit is not waited for unless told so, and then no longer than told', async () => {
	const { clock, gone, failed, enter } = stage();
	const until = clock.now() + 60_000;
	const limit = (now: number): Decision =>
		now >= until
			? { kind: 'go', line: 'new' }
			: { kind: 'wait', line: 'new', until, rule: 'new-per-hour', of: 'limit', because: 'Full.' };
	const limited = (limitUntil: number) => ({ decide: limit, limitUntil });
	void enter('fails', 'new', limited(clock.now()));
	void enter('too short', 'new', limited(until - 1));
	void enter('waits', 'new', limited(until));
	await settle();
	expect(failed.map(([name]) => name)).toEqual(['fails', 'too short']);
	for (const [, error] of failed) expect(error).toBeInstanceOf(HeldBack);
	clock.advance(60_000);
	await settle();
	expect(gone).toEqual(['waits']);
});

test('who does not want it any more leaves at once, and holds nobody up', async () => {
	const { clock, gone, failed, enter, room } = stage();
	const given = new AbortController();
	void enter('gives up', 'reply', { signal: given.signal });
	void enter('stays', 'known');
	given.abort(new Error('cancelled'));
	await settle();
	expect(failed).toEqual([['gives up', expect.objectContaining({ message: 'cancelled' })]]);
	expect(room.size).toBe(1);
	clock.advance(1_000);
	await settle();
	expect(gone).toEqual(['stays']);
});

test('when n8n stops, who would wait too long is left to the next owner, the others finish', async () => {
	const { clock, gone, failed, enter, room } = stage();
	const later = clock.now() + 60_000;
	void enter('long', 'new', {
		decide: () =>
			({
				...{ kind: 'wait', line: 'new', until: later, rule: 'new-per-day' },
				...{ of: 'limit', because: 'Full.' },
			}) as Decision,
		limitUntil: Infinity,
	});
	void enter('short', 'known');
	room.close(clock.now() + 10_000);
	await settle();
	expect(failed).toEqual([['long', expect.objectContaining({ code: 'closing' })]]);
	clock.advance(1_000);
	await settle();
	expect(gone).toEqual(['short']);
});

test('what becomes known is looked at again at once', async () => {
	const { clock, gone, enter, room } = stage();
	let written = false;
	void enter('waits for an answer', 'new', {
		decide: () =>
			written
				? { kind: 'go', line: 'reply' }
				: ({
						...{ kind: 'wait', line: 'new', until: clock.now() + 1e9 },
						...{ rule: 'unanswered-person', of: 'limit', because: 'Silent.' },
					} as Decision),
		limitUntil: Infinity,
	});
	await settle();
	expect(gone).toEqual([]);
	written = true;
	room.poke();
	await settle();
	expect(gone).toEqual(['waits for an answer']);
});
