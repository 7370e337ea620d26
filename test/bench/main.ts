/**
 * `npm run bench` runs all parts and writes docs/performance.md, in about 20 minutes of a quiet machine;
 * `npm run bench -- <part> [words]` runs test/bench/<part>.ts alone and only prints.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PARTS, writePage, type Measured } from './page';

/** What parts are told when all of them run: a fifth of the history. */
const WORDS: Readonly<Record<string, readonly string[]>> = { history: ['200000', '1000'] };

/** `npm run bench -- quick`: all parts as small as they go, to see that they run. */
const QUICK = 'quick';
const QUICK_WORDS: typeof WORDS = { history: ['5000', '50'], memory: ['5000'], scale: ['3'] };
const QUICK_SIZES = { ROUNDS: '2', TEXTS: '20', MESSAGES: '20', WARM_UP: '20' };

const [name] = process.argv.splice(2, 1);

async function one(part: string): Promise<void> {
	const file = join(__dirname, `${part}.ts`);
	if (!/^[a-z-]+$/.test(part) || part === 'main' || !existsSync(file)) {
		console.error(
			`There is no part "${part}". There are: ${Object.keys(PARTS).join(', ')}, soak, outage, and "quick".`,
		);
		process.exit(1);
	}
	const { run } = (await import(file)) as { run?: () => Promise<void> };
	if (!run) return;
	await run();
	// Baileys leaves timers behind that would hold the process.
	process.exit();
}

/** A process of its own for each part: what one has loaded or patched must not help another. */
async function apart(part: string): Promise<Measured> {
	const words = [part, ...((name === QUICK ? QUICK_WORDS : WORDS)[part] ?? [])];
	console.log(`\n> ${words.join(' ')}`);
	const started = performance.now();
	const child = spawn(process.execPath, ['--import', 'tsx', __filename, ...words], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let output = '';
	child.stdout.setEncoding('utf8');
	child.stdout.on('data', (text: string) => {
		output += text;
		process.stdout.write(text);
	});
	const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
	console.log(`(${((performance.now() - started) / 1_000).toFixed(0)} s)`);
	return { part, output, ok: code === 0 };
}

async function all(): Promise<void> {
	const measured: Measured[] = [];
	for (const part of Object.keys(PARTS)) measured.push(await apart(part));
	if (name !== QUICK) writePage(measured);
	const failed = measured.filter(({ ok }) => !ok).map(({ part }) => part);
	if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`);
	process.exit(failed.length > 0 ? 1 : 0);
}

if (name === QUICK) {
	for (const [size, value] of Object.entries(QUICK_SIZES)) process.env[`BENCH_${size}`] ??= value;
}
void (name === undefined || name === QUICK ? all() : one(name));
