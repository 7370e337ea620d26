/** reading the history: on embedded storage; see test/suites. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sender } from '../helpers/sender';
import { historySuite, prepareHistory } from '../suites/history';

let sender: Sender;
historySuite(async () => {
	sender = await Sender.start({}, 'default', 'android', undefined, prepareHistory);
	return sender;
});

test('nothing that anybody said or is called stands in the files', () => {
	const { storage } = sender.settings;
	if (storage.kind !== 'sqlite') throw new Error('not embedded');
	const files = readdirSync(storage.folder).map((name) => readFileSync(join(storage.folder, name)));
	const all = Buffer.concat(files).toString('latin1').toLowerCase();
	expect(all).toContain('anna0099');
	const said = [
		'message number',
		'invoice',
		'anna contact',
		'tomorrow',
		'long ago',
		'lebenszeichen',
	];
	expect(said.filter((text) => all.includes(text))).toEqual([]);
});
