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

test('nothing is tried again once another process owns the number', async () => {
	const lost = () => Promise.reject(new LinkedError('lease-lost'));
	const { patient, damage } = over({ set: lost, get: lost });
	await expect(patient.set({})).rejects.toMatchObject({ code: 'lease-lost' });
	await expect(patient.get('session', ['a'])).rejects.toMatchObject({ code: 'lease-lost' });
	expect(damage).toEqual([]);
});

test('nothing is tried again once the socket is given up', async () => {
	let tries = 0;
	const { patient, life } = over({
		set: () => {
			tries++;
			throw new LinkedError('storage-unreachable');
		},
	});
	const write = Promise.resolve(patient.set({}));
	life.abort();
	await expect(write).rejects.toMatchObject({ code: 'offline' });
	expect(tries).toBe(1);
	await expect(patient.get('session', ['a'])).rejects.toMatchObject({ code: 'offline' });
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
