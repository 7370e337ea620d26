import { readFileSync } from 'node:fs';
import path from 'node:path';
import { VERSION } from '../../src/version';

// By it code of one version knows code of another in the same process.
test('the version in the code is the one of the package', () => {
	const manifest = readFileSync(path.resolve(__dirname, '../../package.json'), 'utf8');
	expect(VERSION).toBe((JSON.parse(manifest) as { version: string }).version);
});
