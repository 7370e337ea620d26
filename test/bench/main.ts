/** `npm run bench -- <name>` runs test/bench/<name>.ts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const [name = ''] = process.argv.splice(2, 1);
const file = join(__dirname, `${name}.ts`);
if (!/^[a-z-]+$/.test(name) || name === 'main' || !existsSync(file)) {
	console.error('Say which: npm run bench -- send');
	process.exit(1);
}
void (import(file) as Promise<{ run?: () => Promise<void> }>).then(async ({ run }) => {
	if (!run) return;
	await run();
	// Baileys leaves timers behind that would hold the process.
	process.exit(0);
});
