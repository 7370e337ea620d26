import { EVENTS, findEvent } from '../../src/events';

const COMMON = [
	'event',
	'id',
	'timestamp',
	'chat',
	'chatName',
	'isGroup',
	'from',
	'fromContact',
	'fromMe',
	'to',
	'messageId',
	'text',
];

test.each(EVENTS.map((definition) => [definition.name, definition] as const))(
	'%s has a sample of its own shape',
	(name, { sample, label, description }) => {
		expect(sample).toMatchObject({ event: name });
		for (const field of COMMON) expect(sample).toHaveProperty(field);
		expect(String(sample.id).startsWith(`${name}:`)).toBe(true);
		expect(JSON.parse(JSON.stringify(sample))).toEqual(sample);
		expect(label).toMatch(/^[A-Z][A-Za-z]+: /);
		expect(description).not.toBe('');
	},
);

test('names and labels are unique', () => {
	expect(new Set(EVENTS.map(({ name }) => name)).size).toBe(EVENTS.length);
	expect(new Set(EVENTS.map(({ label }) => label)).size).toBe(EVENTS.length);
	for (const definition of EVENTS) expect(findEvent(definition.name)).toBe(definition);
});

test('samples name only numbers that belong to nobody', () => {
	const phones = JSON.stringify(EVENTS.map(({ sample }) => sample)).match(/\+\d+/g) ?? [];
	expect(phones.length).toBeGreaterThan(0);
	for (const phone of phones) expect(phone).toMatch(/^\+155501001\d\d$/);
});
