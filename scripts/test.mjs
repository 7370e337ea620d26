/**
 * `npm test`: set-up, lint, type-check and all suites, the real n8n and the browser included.
 *
 * `npm test -- unit socket` runs only these; `npm test -- unit -t 'some name'` and
 * `npm test -- unit test/unit/wa` hand the rest to jest. CI runs the same command.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dependencies } from './lib/dependencies.mjs';
import { n8nHost, n8nPackage } from './lib/n8n.mjs';
import { BIN, RESULTS, ROOT } from './lib/paths.mjs';
import { endStrays, Explained, main, run, seconds, step } from './lib/processes.mjs';
import { Report } from './lib/report.mjs';
import { systemPrograms } from './lib/system.mjs';

const CHECKS = ['lint', 'typecheck'];
const SUITES = ['unit', 'contract', 'socket', 'n8n'];

/** Tests wait more than they compute, so that even two cores carry two at a time. */
const WORKERS = Math.max(2, os.availableParallelism() - 1);

/** Suites that use a Redis server or a browser. */
const NEEDS_SYSTEM = ['contract', 'socket', 'n8n'];

const [asked, forJest] = splitArguments(process.argv.slice(2));
const wants = (name) => asked.length === 0 || asked.includes(name);
const report = new Report();

await main(async () => {
	const start = performance.now();
	fs.rmSync(RESULTS, { recursive: true, force: true });
	fs.mkdirSync(RESULTS, { recursive: true });

	await step('dependencies', dependencies);
	if (NEEDS_SYSTEM.some(wants)) await step('Redis, PostgreSQL, Chromium', systemPrograms);

	// The first installation of n8n takes minutes, so it goes on beside what doesn't need it.
	const host = wants('n8n')
		? settled(step('n8n host (beside the next steps)', n8nHost))
		: undefined;

	if (wants('lint')) await check('lint', 'npm', ['run', '--silent', 'lint']);
	if (wants('typecheck')) await check('typecheck', 'npm', ['run', '--silent', 'typecheck']);
	for (const suite of SUITES.filter((name) => name !== 'n8n' && wants(name))) {
		await jest(suite, [`--maxWorkers=${WORKERS}`]);
	}
	if (host) {
		await prepared('n8n host', host);
		if (await prepared('package', settled(step('package', n8nPackage)))) {
			await jest('n8n', ['--runInBand']);
		}
	}

	const strays = endStrays();
	if (strays.length > 0)
		console.log(`\nLeft running by a test, now ended:\n  ${strays.join('\n  ')}`);
	console.log(`\nAll of it took ${seconds(performance.now() - start)}.`);
	report.print();
	process.exitCode ||= report.failed > 0 ? 1 : 0;
});

async function check(name, command, args) {
	const start = performance.now();
	console.log(`\n> ${name}`);
	const code = await run(command, args, { allowFailure: true });
	report.check(name, code === 0, performance.now() - start);
}

async function jest(suite, extra = []) {
	const start = performance.now();
	console.log(`\n> ${suite}`);
	const first = await jestOnce(suite, `${suite}.json`, [...extra, ...forJest]);
	// A busy machine can make a test of real processes miss its time. What failed runs once more,
	// alone; the summary names what passed only then.
	const files = first.exitCode === 0 ? [] : failedFiles(first.resultFile);
	const again =
		files.length > 0
			? await jestOnce(suite, `${suite}-again.json`, ['--runInBand', '--runTestsByPath', ...files])
			: undefined;
	report.jest(suite, first.resultFile, first.exitCode, performance.now() - start, again);
}

async function jestOnce(suite, name, extra) {
	const resultFile = path.join(RESULTS, name);
	const exitCode = await run(
		path.join(BIN, 'node'),
		[
			...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
			path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
			...['--selectProjects', suite, '--json', `--outputFile=${resultFile}`],
			...extra,
		],
		{ allowFailure: true },
	);
	return { resultFile, exitCode };
}

function failedFiles(resultFile) {
	try {
		const { testResults } = JSON.parse(fs.readFileSync(resultFile, 'utf8'));
		return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
	} catch {
		return [];
	}
}

/** A set-up step whose failure is counted and told at its turn, not thrown when nobody waits. */
function settled(promise) {
	return promise.then(
		() => ({ ok: true }),
		(error) => ({ ok: false, error }),
	);
}

async function prepared(name, outcome) {
	const { ok, error } = await outcome;
	if (ok) return true;
	console.error(`\n${error instanceof Explained ? error.message : error.stack}`);
	report.check(name, false, 0);
	return false;
}

/** Names of steps first; from the first other word on, everything is for jest. */
function splitArguments(args) {
	const known = [...CHECKS, ...SUITES];
	const end = args.findIndex((word) => !known.includes(word));
	const names = end < 0 ? args : args.slice(0, end);
	const rest = end < 0 ? [] : args.slice(end);
	const first = rest[0];
	if (first && !first.startsWith('-') && (names.length === 0 || !/[/.]/.test(first))) {
		console.error(`Unknown step "${first}". There are: ${known.join(', ')}.`);
		process.exit(1);
	}
	return [names, rest];
}
