import { Output, type RawSocket } from '../../src/session/output';

/** A connection that notes what reaches it, and storage that is as far as the test lets it. */
function stage() {
	const sent: string[] = [];
	let writes = 0;
	let corked = false;
	let terminated = false;
	let pending: Promise<void> | undefined;
	let settle: (error?: Error) => void = () => {};
	let pushed = 0;
	let gone: Error | undefined;
	const raw: RawSocket = {
		send: () => {
			throw new Error('not this way');
		},
		close: () => {},
		terminate: () => void (terminated = true),
		_socket: {
			cork: () => void (corked = true),
			uncork: () => {
				corked = false;
				writes++;
			},
		},
	};
	const output = new Output(
		raw,
		(data, done) => {
			sent.push(String(data));
			if (!corked) writes++;
			setImmediate(() => done?.(gone));
		},
		{ written: () => pending, push: () => void pushed++ },
	);
	return {
		output,
		sent,
		lose: () => void (gone = new Error('the connection is gone')),
		get writes() {
			return writes;
		},
		get terminated() {
			return terminated;
		},
		get pushed() {
			return pushed;
		},
		/** Something is to be stored now; returns what ends it. */
		store() {
			pending = new Promise<void>((resolve, reject) => {
				settle = (error) => {
					pending = undefined;
					if (error) reject(error);
					else resolve();
				};
			});
			pending.catch(() => {});
			return settle;
		},
	};
}

const taken = (output: Output, frame: string) => {
	const errors: Array<Error | undefined> = [];
	output.take(frame, (error) => errors.push(error));
	return errors;
};

test('a frame goes at once when everything is stored', () => {
	const at = stage();
	taken(at.output, 'a');
	expect(at.sent).toEqual(['a']);
});

test('frames wait for what was to be stored before them, then go in their order and in one write', async () => {
	const at = stage();
	const stored = at.store();
	const told = [taken(at.output, 'a'), taken(at.output, 'b')];
	expect(at.sent).toEqual([]);
	// Who sends goes on: the next message of a burst is not to wait for this one's receipt.
	expect(told).toEqual([[undefined], [undefined]]);
	stored();
	await at.output.passed();
	expect(at.sent).toEqual(['a', 'b']);
	expect(at.writes).toBe(1);
});

test('a frame never overtakes one that waits, and waits for what came before it', async () => {
	const at = stage();
	const first = at.store();
	taken(at.output, 'a');
	const second = at.store();
	taken(at.output, 'b');
	first();
	second();
	await at.output.passed();
	expect(at.sent).toEqual(['a', 'b']);
});

test('who waits until a frame is out lets the storage hurry', async () => {
	const at = stage();
	const stored = at.store();
	taken(at.output, 'a');
	const passed = at.output.passed();
	expect(at.pushed).toBe(1);
	stored();
	await passed;
	expect(at.sent).toEqual(['a']);
});

test('who waits until a frame is out does not wait for those that come after it', async () => {
	const at = stage();
	const first = at.store();
	taken(at.output, 'a');
	const passed = at.output.passed();
	const second = at.store();
	taken(at.output, 'b');
	first();
	await passed;
	expect(at.sent).toEqual(['a']);
	second();
	await at.output.passed();
	expect(at.sent).toEqual(['a', 'b']);
});

test('who waits until a frame is out is told when the connection was gone by then', async () => {
	const at = stage();
	const stored = at.store();
	taken(at.output, 'a');
	const passed = at.output.passed();
	at.lose();
	stored();
	await expect(passed).rejects.toThrow('Connection Closed');
});

test('nothing that waits or comes later goes out when it could not be stored', async () => {
	const at = stage();
	const stored = at.store();
	taken(at.output, 'a');
	const passed = at.output.passed();
	stored(new Error('the storage is full'));
	await expect(passed).rejects.toThrow('Connection Closed');
	expect(at.terminated).toBe(true);
	expect(taken(at.output, 'b')).toEqual([
		expect.objectContaining({ message: 'Connection Closed' }),
	]);
	expect(at.sent).toEqual([]);
	await expect(at.output.passed()).rejects.toThrow('Connection Closed');
});

test('the connection is closed behind what waits', async () => {
	const at = stage();
	const stored = at.store();
	taken(at.output, 'goodbye');
	const closed = new Promise<string[]>((resolve) => at.output.close(() => resolve([...at.sent])));
	stored();
	expect(await closed).toEqual(['goodbye']);
});

test('the connection is closed at once when nothing waits', () => {
	const at = stage();
	let closed = false;
	at.output.close(() => (closed = true));
	expect(closed).toBe(true);
});
