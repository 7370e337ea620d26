import { Lanes } from '../../src/outbound/lanes';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function gate() {
	let open: () => void = () => {};
	const opened = new Promise<void>((resolve) => (open = resolve));
	return { opened, open };
}

test('what goes to one chat goes in the order it was submitted', async () => {
	const lanes = new Lanes();
	const done: number[] = [];
	await Promise.all(
		[30, 20, 10].map(async (ms, index) =>
			lanes.run('chat', async () => {
				await new Promise((resolve) => setTimeout(resolve, ms));
				done.push(index);
			}),
		),
	);
	expect(done).toEqual([0, 1, 2]);
});

test('chats do not wait for each other', async () => {
	const lanes = new Lanes();
	const slow = gate();
	const first = lanes.run('slow', async () => slow.opened);
	await lanes.run('quick', async () => Promise.resolve());
	slow.open();
	await first;
});

test('one that fails does not hold up the next of its chat', async () => {
	const lanes = new Lanes();
	const failing = lanes.run('chat', () => Promise.reject(new Error('no')));
	const next = lanes.run('chat', () => Promise.resolve('sent'));
	await expect(failing).rejects.toThrow('no');
	await expect(next).resolves.toBe('sent');
});

test('what waits in its lane keeps no other from running', async () => {
	const lanes = new Lanes(1);
	const slow = gate();
	const patient = lanes.run('patient', async () => {
		await slow.opened;
		return await lanes.limited(() => Promise.resolve('patient'));
	});
	const quick = lanes.run('quick', async () => lanes.limited(() => Promise.resolve('quick')));
	await expect(quick).resolves.toBe('quick');
	slow.open();
	await expect(patient).resolves.toBe('patient');
});

test('no more than the limit run at once, and all of them run', async () => {
	const lanes = new Lanes(3);
	let running = 0;
	let most = 0;
	await Promise.all(
		Array.from({ length: 20 }, async (_, index) =>
			lanes.run(`chat ${index}`, async () =>
				lanes.limited(async () => {
					most = Math.max(most, ++running);
					await turn();
					running--;
				}),
			),
		),
	);
	expect(most).toBe(3);
	expect(lanes.length).toBe(0);
});
