/**
 * Running other programs: with a log when they are quiet work, with a plain sentence when they
 * fail, and without leaving anything behind.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BIN, LOGS, ROOT } from './paths.mjs';

/** A failure that is explained: the command ends with this text and no stack. */
export class Explained extends Error {}

/** Every program started here carries this in its environment, and so do all of its descendants. */
const MARK = 'WHATSAPP_LINKED_RUN';
const RUN_ID = process.env[MARK] ?? `${process.pid}-${Date.now().toString(36)}`;
const OWNS_RUN = process.env[MARK] === undefined;

/** The environment for children: Node 24 of node_modules first on the path, once it is there. */
export const childEnv = (extra = {}) => ({
	...process.env,
	PATH: [BIN, ...pathWithoutBin()].join(path.delimiter),
	NPM_CONFIG_LOGLEVEL: process.env.NPM_CONFIG_LOGLEVEL ?? 'error',
	NPM_CONFIG_UPDATE_NOTIFIER: 'false',
	[MARK]: RUN_ID,
	...extra,
});

/** PATH as it was before npm or we put node_modules/.bin on it: npm ci removes that folder. */
export const pathWithoutBin = () =>
	(process.env.PATH ?? '').split(path.delimiter).filter((entry) => entry && entry !== BIN);

const running = new Set();
let interrupted = false;

/** Has a program (in a process group of its own) ended together with this command. */
export function follow(child) {
	running.add(child);
	child.once('exit', () => running.delete(child));
	child.once('error', () => running.delete(child));
	return child;
}

/**
 * Runs a program to its end.
 *
 * With `log` its output goes to .cache/logs/<log>.log and only a failure shows the end of it;
 * without, the person sees it as it comes. `allowFailure` resolves with the exit code instead of
 * rejecting.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log?: string, what?: string, help?: string, allowFailure?: boolean, stdin?: 'inherit' }} [options]
 * @returns {Promise<number>} the exit code
 */
export async function run(command, args, options = {}) {
	const { cwd = ROOT, env = childEnv(), log, what = path.basename(command), help } = options;
	let logFile;
	let stdio = [options.stdin ?? 'ignore', 'inherit', 'inherit'];
	if (log) {
		fs.mkdirSync(LOGS, { recursive: true });
		logFile = path.join(LOGS, `${log}.log`);
		const out = fs.openSync(logFile, 'w');
		stdio = ['ignore', out, out];
	}
	const child = spawn(command, args, {
		cwd,
		env,
		stdio,
		shell: process.platform === 'win32',
		// A group of its own, so that all of it can be ended.
		detached: process.platform !== 'win32',
	});
	if (logFile) fs.closeSync(stdio[1]);
	follow(child);
	const code = await new Promise((resolve, reject) => {
		child.on('error', (cause) =>
			reject(new Explained(`${what}: ${command} cannot be started: ${cause.message}`)),
		);
		child.on('exit', (exitCode, signal) => resolve(exitCode ?? (signal ? 128 : 1)));
	});
	if (interrupted) throw new Explained('Interrupted.');
	if (code === 0 || options.allowFailure) return code;
	const tail = logFile ? `\n${lastLines(logFile, 30)}\nThe whole log: ${logFile}` : '';
	throw new Explained(`${what} failed (exit code ${code}).${help ? ` ${help}` : ''}${tail}`);
}

/** What a program prints, trimmed, or undefined when it fails or is not there. */
export function outputOf(command, args, env = childEnv()) {
	const result = spawnSync(command, args, { env, encoding: 'utf8' });
	return result.status === 0 ? result.stdout.trim() : undefined;
}

const lastLines = (file, count) =>
	fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');

/** Ends what is still running of the programs started here, their groups included. */
export function endAll(signal = 'SIGTERM') {
	for (const child of running) {
		try {
			process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
		} catch {
			// It has just ended by itself.
		}
	}
}

/**
 * Ends descendants of this run that outlived the program that started them; a real n8n or a
 * browser would otherwise go on eating memory. They are known by the mark in their environment,
 * which Linux shows; elsewhere nothing is done.
 *
 * @returns {string[]} the command lines of what was ended
 */
export function endStrays() {
	if (!OWNS_RUN || !fs.existsSync('/proc/self/environ')) return [];
	const ended = [];
	for (const entry of fs.readdirSync('/proc')) {
		const pid = Number(entry);
		if (!pid || pid === process.pid) continue;
		try {
			const environment = fs.readFileSync(`/proc/${entry}/environ`, 'utf8');
			if (!environment.split('\0').includes(`${MARK}=${RUN_ID}`)) continue;
			const line = fs.readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
			if (!line) continue; // a zombie
			process.kill(pid, 'SIGKILL');
			ended.push(`${pid} ${line.slice(0, 120)}`);
		} catch {
			// Gone, or not ours to read.
		}
	}
	return ended;
}

/**
 * Runs a command's main function: explained failures without a stack, clean ends on Ctrl-C.
 *
 * @param {() => Promise<unknown>} body
 * @param {number} [interruptedCode] exit code after Ctrl-C: 0 where that is the usual end
 */
export async function main(body, interruptedCode = 130) {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.once(signal, () => {
			interrupted = true;
			endAll(signal);
			setTimeout(() => endAll('SIGKILL'), 35_000).unref(); // n8n allows itself 30 s
			process.exitCode = interruptedCode;
		});
	}
	try {
		await body();
	} catch (error) {
		endAll();
		if (interrupted) return;
		console.error(`\n${error instanceof Explained ? error.message : error?.stack}`);
		process.exitCode ||= 1;
	}
}

/** Writes "name ... 1.2 s" around a step. */
export async function step(name, body) {
	const start = performance.now();
	console.log(`\n> ${name}`);
	const result = await body();
	console.log(`  ${name}: ${seconds(performance.now() - start)}`);
	return result;
}

export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
