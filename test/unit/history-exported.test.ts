import { deflateRawSync } from 'node:zlib';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instantOf, localOf, orderOf, stampOf, plain } from '../../src/history/exported/dates';
import { readExported } from '../../src/history/exported/lines';
import { textInZip } from '../../src/history/exported/zip';

/** `2026-11-23 09:30:00` */
const iso = (at: object) => {
	const { year, month, day, hour, minute, second } = at as Record<string, number>;
	const two = (n = 0) => String(n).padStart(2, '0');
	return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
};

test.each([
	['iPhone, German', '[23.11.26, 09:30:15] Anna: Hallo', '2026-11-23 09:30:15'],
	['iPhone, American', '[11/23/26, 9:30:15 PM] Anna: Hi', '2026-11-23 21:30:15'],
	['iPhone, British', '[23/11/2026, 09:30:15] Anna: Hi', '2026-11-23 09:30:15'],
	['Android, German', '23.11.26, 09:30 - Anna: Hallo', '2026-11-23 09:30:00'],
	['Android, American', '11/23/26, 9:30 PM - Anna: Hi', '2026-11-23 21:30:00'],
	['Android, Indian', '23/11/2026, 9:30 pm - Anna: Hi', '2026-11-23 21:30:00'],
	['Android, Spanish', '23/11/26, 9:30 p. m. - Anna: Hola', '2026-11-23 21:30:00'],
	['Android, Brazilian', '23/11/2026 09:30 - Anna: Oi', '2026-11-23 09:30:00'],
	['Android, French', '23/11/2026 à 09:30 - Anna: Salut', '2026-11-23 09:30:00'],
	['Android, Finnish', '23.11.2026 klo 9.30 - Anna: Hei', '2026-11-23 09:30:00'],
	['Android, Swedish', '2026-11-23 09:30 - Anna: Hej', '2026-11-23 09:30:00'],
	['Android, Dutch', '23-11-2026 09:30 - Anna: Hoi', '2026-11-23 09:30:00'],
	['Android, Korean', '2026. 11. 23. 오후 9:30, Anna : 안녕', null],
	['iPhone, Korean', '[2026. 11. 23. 오후 9:30:15] Anna: 안녕', '2026-11-23 21:30:15'],
	['iPhone, Chinese', '[2026/11/23 下午9:30:15] Anna: 你好', '2026-11-23 21:30:15'],
	['iPhone, Japanese', '[2026/11/23 21:30:15] Anna: こんにちは', '2026-11-23 21:30:15'],
	['iPhone, Arabic', '[٢٣‏/١١‏/٢٠٢٦، ٩:٣٠:١٥ م] Anna: مرحبا', '2026-11-23 21:30:15'],
	['Android, Hindi', '23/11/26, 9:30 अपराह्न - Anna: नमस्ते', '2026-11-23 21:30:00'],
	['Android, Thai era', '23/11/2569 09:30 - Anna: hi', '2026-11-23 09:30:00'],
	['noon and midnight', '[11/23/26, 12:05:00 AM] Anna: Hi', '2026-11-23 00:05:00'],
	['no time', 'Anna: 23.11.26 was a Monday', null],
	['no such hour', '23.11.26, 25:30 - Anna: Hi', null],
])('times: %s', (_, line, expected) => {
	const found = stampOf(plain(line));
	const local = found && localOf(found.stamp, orderOf([found.stamp]));
	expect(local ? iso(local) : null).toBe(expected);
});

test('the order of day and month comes from all dates together', () => {
	const chat = (dates: string[]) => dates.map((date) => `${date}, 09:30 - Anna: x`).join('\n');
	expect(readExported(chat(['03/04/26', '13/04/26'])).order).toBe('dmy');
	expect(readExported(chat(['03/04/26', '04/13/26'])).order).toBe('mdy');
	// Possible both ways, but only one goes forward.
	expect(readExported(chat(['01/02/26', '01/03/26', '02/01/26'])).order).toBe('mdy');
	expect(readExported(chat(['01/02/26', '02/02/26', '01/03/26'])).order).toBe('dmy');
	expect(readExported(chat(['03/04/26']), 'mdy').messages[0]?.at).toMatchObject({
		month: 3,
		day: 4,
	});
});

test('messages have their lines, authors and files; notices are counted', () => {
	const text = [
		'\ufeff23.11.26, 09:29 - Nachrichten sind Ende-zu-Ende-verschlüsselt.',
		'23.11.26, 09:30 - Anna: Erste Zeile',
		'zweite: Zeile',
		'',
		'vierte',
		'23.11.26, 09:31 - Ben: IMG-20261123-WA0001.jpg (Datei angehängt)',
		'Mein Foto',
		'23.11.26, 09:32 - Ben: <Medien ausgeschlossen>',
		'23.11.26, 09:33 - Anna änderte den Betreff zu „a: b“',
		'23.11.26, 09:34 - +1 555 010 0103: ok <Diese Nachricht wurde bearbeitet.>',
	].join('\r\n');
	const { messages, notices } = readExported(text);
	expect(notices).toBe(2);
	expect(messages.map(({ at: _, ...rest }) => rest)).toEqual([
		{ author: 'Anna', text: 'Erste Zeile\nzweite: Zeile\n\nvierte', kind: 'text', edited: false },
		{
			author: 'Ben',
			text: 'Mein Foto',
			kind: 'image',
			fileName: 'IMG-20261123-WA0001.jpg',
			edited: false,
		},
		{ author: 'Ben', text: '', kind: 'file', edited: false },
		{ author: '+1 555 010 0103', text: 'ok', kind: 'text', edited: true },
	]);
});

test('what iPhones mark as their own words', () => {
	const text = [
		'[23.11.26, 09:30:15] Anna: \u200e<Anhang: 00000012-PHOTO-2026-11-23-09-30-15.jpg>',
		'\u200e[23.11.26, 09:30:16] Anna: \u200eVideo weggelassen',
		'[23.11.26, 09:30:17] ~\u202fBen: \u200eaudio omitted',
		'[23.11.26, 09:30:18] Anna: audio omitted, I wrote myself',
	].join('\n');
	const kinds = readExported(text).messages.map(({ author, kind }) => [author, kind]);
	expect(kinds).toEqual([
		['Anna', 'image'],
		['Anna', 'video'],
		['Ben', 'voice'],
		['Anna', 'text'],
	]);
});

test('nothing is made of what is no chat', () => {
	for (const text of ['', 'hello', '{"a":1}', '\u0000\u0001', 'a: b\nc: d']) {
		expect(readExported(text).messages).toEqual([]);
	}
});

test('wall clocks are read in their zone, also when they change', () => {
	const local = { year: 2026, month: 7, day: 1, hour: 12, minute: 0, second: 0 };
	const at = (zone: string, more = {}) =>
		new Date(instantOf({ ...local, ...more }, zone)).toISOString();
	expect(at('Europe/Berlin')).toBe('2026-07-01T10:00:00.000Z');
	expect(at('Europe/Berlin', { month: 1 })).toBe('2026-01-01T11:00:00.000Z');
	expect(at('Asia/Kolkata')).toBe('2026-07-01T06:30:00.000Z');
	expect(at('Europe/Berlin', { month: 3, day: 29, hour: 3 })).toBe('2026-03-29T01:00:00.000Z');
});

describe('zip files', () => {
	let folder: string;
	beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'zip-'))));
	afterAll(async () => await rm(folder, { recursive: true }));

	/** A zip file with these files in it, each packed. */
	function zip(files: Record<string, string>): Buffer {
		const parts: Buffer[] = [];
		const entries: Buffer[] = [];
		let offset = 0;
		for (const [name, text] of Object.entries(files)) {
			const data = deflateRawSync(Buffer.from(text));
			const local = Buffer.alloc(30);
			local.writeUInt32LE(0x04034b50, 0);
			local.writeUInt16LE(name.length, 26);
			parts.push(local, Buffer.from(name), data);
			const entry = Buffer.alloc(46);
			entry.writeUInt32LE(0x02014b50, 0);
			entry.writeUInt16LE(8, 10);
			entry.writeUInt32LE(data.length, 20);
			entry.writeUInt32LE(Buffer.byteLength(text), 24);
			entry.writeUInt16LE(name.length, 28);
			entry.writeUInt32LE(offset, 42);
			entries.push(entry, Buffer.from(name));
			offset += 30 + name.length + data.length;
		}
		const list = Buffer.concat(entries);
		const end = Buffer.alloc(22);
		end.writeUInt32LE(0x06054b50, 0);
		end.writeUInt32LE(list.length, 12);
		end.writeUInt32LE(offset, 16);
		return Buffer.concat([...parts, list, end]);
	}

	const unzip = async (bytes: Buffer) => {
		const path = join(folder, 'chat.zip');
		await writeFile(path, bytes);
		const file = await open(path);
		try {
			return (await textInZip(file, bytes.length)).toString();
		} finally {
			await file.close();
		}
	};

	test('the chat is found among media and other texts', async () => {
		const media = { 'IMG-1.jpg': 'x'.repeat(1_000), 'notes.txt': 'y'.repeat(100) };
		expect(await unzip(zip({ ...media, '_chat.txt': 'the chat' }))).toBe('the chat');
		expect(await unzip(zip({ ...media, 'WhatsApp Chat with Anna.txt': 'hi' }))).toBe('hi');
	});

	test('what is cut off, damaged or no chat is refused', async () => {
		const whole = zip({ '_chat.txt': 'the chat' });
		const damaged = Buffer.from(whole);
		damaged.fill(0xff, 40, 48);
		for (const bytes of [
			whole.subarray(0, -10),
			damaged,
			zip({ 'a.jpg': 'x' }),
			Buffer.from('PK'),
		]) {
			await expect(unzip(bytes)).rejects.toThrow(expect.objectContaining({ code: 'bad-media' }));
		}
	});
});
