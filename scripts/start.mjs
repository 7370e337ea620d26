/**
 * `npm start`: a real n8n with this package in it, ready to link a number.
 * `npm start -- --demo`: the same against a stand-in for WhatsApp, with a simulated phone linked
 * and an auto-reply workflow active; `--once` ends it after one conversation.
 */
import path from 'node:path';
import { dependencies } from './lib/dependencies.mjs';
import { n8nHost, n8nPackage } from './lib/n8n.mjs';
import { BIN, ROOT } from './lib/paths.mjs';
import { endStrays, Explained, main, run, step } from './lib/processes.mjs';
import { serve } from './lib/serve.mjs';

const KNOWN = ['--demo', '--once'];

await main(async () => {
	const options = process.argv.slice(2);
	const unknown = options.find((option) => !KNOWN.includes(option));
	if (unknown) throw new Explained(`Unknown option ${unknown}. There are: ${KNOWN.join(', ')}.`);

	await step('dependencies', dependencies);
	await step('n8n', n8nHost);
	await step('package', n8nPackage);
	if (!options.includes('--demo')) return await serve();

	const code = await run(
		path.join(BIN, 'node'),
		['--import', 'tsx', path.join(ROOT, 'scripts', 'demo', 'main.ts'), ...options],
		{ allowFailure: true, stdin: 'inherit' },
	);
	endStrays();
	process.exitCode ??= code;
}, 0);
