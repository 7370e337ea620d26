/**
 * Set-up alone: `node scripts/setup.mjs [dependencies] [system] [n8n]`, all of it by default.
 * `npm start` and `npm test` do this by themselves; every part is quick when nothing has changed.
 *
 * `--into=FOLDER` instead installs the prepared package into that n8n user folder.
 */
import { dependencies } from './lib/dependencies.mjs';
import { installIntoUserFolder, n8nHost, n8nPackage } from './lib/n8n.mjs';
import { Explained, main, step } from './lib/processes.mjs';
import { systemPrograms } from './lib/system.mjs';

const PARTS = {
	dependencies: () => step('dependencies', dependencies),
	system: () => step('Redis, PostgreSQL, Chromium', systemPrograms),
	n8n: async () => {
		await step('n8n', n8nHost);
		await step('package', n8nPackage);
	},
};

await main(async () => {
	const asked = process.argv.slice(2);
	const into = asked.find((word) => word.startsWith('--into='));
	if (into) return await installIntoUserFolder(into.slice('--into='.length));
	for (const part of asked.length > 0 ? asked : Object.keys(PARTS)) {
		if (!PARTS[part]) {
			throw new Explained(`Unknown part "${part}". There are: ${Object.keys(PARTS).join(', ')}.`);
		}
		await PARTS[part]();
	}
});
