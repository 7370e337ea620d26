import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import { fileMarks, Marks, sharedMarks, type MarkStore } from '../../src/questions/marks';
import type { AccountSettings } from '../../src/settings';
import { openStorage } from '../../src/storage/open';
import { until } from '../helpers/until';

const settings = (account: string): AccountSettings => ({
	account,
	credentialName: 'Mine',
	storage: { kind: 'redis', host: 'localhost', password: 'secret' },
	deviceName: 'n8n',
	options: {},
});

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'marks-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const storage = openStorage({ kind: 'memory' }, { clock: systemClock, log: silentLog });
const stores: Record<string, () => MarkStore> = {
	'in files': () => fileMarks(join(folder, 'questions')),
	'in a shared storage': () => sharedMarks(async () => await Promise.resolve(storage), systemClock),
};

describe.each(Object.entries(stores))('marks %s', (_name, make) => {
	it('are there for the next process, sealed, until they are removed', async () => {
		const marks = new Marks(make(), () => 'key');
		await marks.put(settings('one'));
		await marks.put(settings('two'));
		await marks.put(settings('two'));
		const next = new Marks(make(), () => 'key');
		expect((await next.all()).map(({ account }) => account).sort()).toEqual(['one', 'two']);
		expect(await new Marks(make(), () => 'another key').all()).toEqual([]);
		await next.remove(settings('one'));
		expect(await marks.all()).toEqual([settings('two')]);
		await next.remove(settings('two'));
		expect(await marks.all()).toEqual([]);
	});
});

test('files of marks hold no secret, and what else lies there is left alone', async () => {
	const place = join(folder, 'questions');
	const marks = new Marks(fileMarks(place), () => 'key');
	await marks.put(settings('one'));
	await writeFile(join(place, 'note.txt'), 'not a mark');
	expect(await marks.all()).toHaveLength(1);
	for (const name of await readdir(place)) {
		expect(await readFile(join(place, name), 'latin1')).not.toMatch(/secret|Mine/);
	}
	expect(await new Marks(fileMarks(join(folder, 'none')), () => 'key').all()).toEqual([]);
});

test('another process hears of a new mark', async () => {
	let heard = 0;
	const store = sharedMarks(async () => await Promise.resolve(storage), {
		...systemClock,
		after: (_ms, task) => systemClock.after(5, task),
	});
	const marks = new Marks(store, () => 'key');
	marks.onPut(() => heard++);
	const other = new Marks(
		sharedMarks(async () => await Promise.resolve(storage), systemClock),
		() => 'key',
	);
	await other.put(settings('three'));
	await until('the news', () => heard > 0);
	await marks.close();
});
