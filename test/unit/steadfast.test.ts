import type { SignalKeyStore } from '@whiskeysockets/baileys';
import { LinkedError } from '../../src/errors';
import { silentLog } from '../../src/log';
import { steadfast } from '../../src/session/steadfast';
import { systemClock } from '../../src/clock';

const clock = {
	...systemClock,
	sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 5), signal),
};

function over(keys: Partial<SignalKeyStore>) {
	const life = new AbortController();
	const damage: LinkedError[] = [];
	const patient = steadfast(
		{ get: () => ({}), set: () => {}, ...keys },
		{ signal: life.signal, clock, log: silentLog, onDamage: (error) => damage.push(error) },
	);
	return { patient, life, damage };
}

/** True when the promise has settled by the time a few timers and turns have passed. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
	let settled = false;
	promise.then(
		() => (settled = true),
		() => (settled = true),
	);
	for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
	return settled;
}

test('a write is tried again until the storage is back', async () => {
	let tries = 0;
	const { patient } = over({
		set: () => {
			if (++tries < 4) throw new LinkedError('storage-unreachable');
		},
	});
	await patient.set({});
	expect(tries).toBe(4);
});

test('a write never ends once another process owns the number', async () => {
	const { patient } = over({ set: () => Promise.reject(new LinkedError('lease-lost')) });
	expect(await settles(Promise.resolve(patient.set({})))).toBe(false);
});

test('a write never ends once the socket is given up', async () => {
	let tries = 0;
	const { patient, life } = over({
		set: () => {
			tries++;
			throw new LinkedError('storage-unreachable');
		},
	});
	const write = Promise.resolve(patient.set({}));
	life.abort();
	expect(await settles(write)).toBe(false);
	expect(tries).toBe(1);
});

test('one damaged key is missing and said; the others are read', async () => {
	const { patient, damage } = over({
		get: ((_type: string, ids: string[]) => {
			if (ids.includes('bad')) throw new LinkedError('damaged-data');
			return Object.fromEntries(ids.map((id) => [id, new Uint8Array([1])]));
		}) as unknown as SignalKeyStore['get'],
	});
	const found = await patient.get('session', ['a', 'bad', 'b']);
	expect(Object.keys(found)).toEqual(['a', 'b']);
	expect(damage.map(({ code }) => code)).toEqual(['damaged-data']);
});
