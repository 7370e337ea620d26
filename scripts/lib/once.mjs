/** Doing a set-up step once for the same input, also when two commands start at the same time. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CACHE, ROOT } from './paths.mjs';

/**
 * Runs `body` unless it has succeeded before with the same key.
 *
 * @param {string} name of the lock: two steps of one name never run at the same time
 * @param {string} stampFile where the key of the last success is kept; put it inside what the step
 *   makes, so that deleting the result also forgets the success
 * @param {string | (() => string)} key hash of all that the result depends on
 * @param {() => Promise<void>} body
 */
export async function once(name, stampFile, key, body) {
	const current = () => (typeof key === 'function' ? key() : key);
	if (readStamp(stampFile) === current()) return;
	await withLock(name, async () => {
		const wanted = current();
		if (readStamp(stampFile) === wanted) return; // another process did it meanwhile
		fs.rmSync(stampFile, { force: true });
		await body();
		fs.mkdirSync(path.dirname(stampFile), { recursive: true });
		fs.writeFileSync(stampFile, wanted);
	});
}

const readStamp = (file) => {
	try {
		return fs.readFileSync(file, 'utf8');
	} catch {
		return undefined;
	}
};

/** A hash over the contents of files and folders (missing ones count as empty) and over texts. */
export function hashOf(files, ...texts) {
	const hash = createHash('sha256');
	for (const file of files) addFile(hash, file);
	for (const text of texts) hash.update(`\0text\0${text}`);
	return hash.digest('hex').slice(0, 32);
}

function addFile(hash, file) {
	const stat = fs.statSync(file, { throwIfNoEntry: false });
	if (!stat) return;
	if (stat.isDirectory()) {
		for (const entry of fs.readdirSync(file).sort()) addFile(hash, path.join(file, entry));
		return;
	}
	// By its place in the repository, so that a copy elsewhere counts as the same.
	hash.update(`\0file\0${path.relative(ROOT, file)}\0`).update(fs.readFileSync(file));
}

/** Holds a lock between processes while `body` runs. A lock whose owner has died is taken over. */
export async function withLock(name, body) {
	fs.mkdirSync(path.join(CACHE, 'locks'), { recursive: true });
	const lock = path.join(CACHE, 'locks', name);
	const mine = `${lock}.${process.pid}`;
	fs.writeFileSync(mine, String(process.pid));
	let told = false;
	try {
		while (!tryLink(mine, lock)) {
			if (ownerIsDead(lock)) {
				removeStale(lock);
				continue;
			}
			if (!told) console.log(`  waiting for another command that does the same (${name})`);
			told = true;
			await delay(300);
		}
		try {
			return await body();
		} finally {
			fs.rmSync(lock, { force: true });
		}
	} finally {
		fs.rmSync(mine, { force: true });
	}
}

/** link() fails if the name is taken, and the file has its content from the first moment. */
const tryLink = (from, to) => {
	try {
		fs.linkSync(from, to);
		return true;
	} catch (error) {
		if (error.code === 'EEXIST') return false;
		throw error;
	}
};

const ownerIsDead = (lock) => {
	const pid = Number(readStamp(lock));
	if (!pid) return false; // just released
	try {
		process.kill(pid, 0);
		return false;
	} catch (error) {
		return error.code === 'ESRCH';
	}
};

/** Moves the dead lock away first: of two that try, one only gets it. */
const removeStale = (lock) => {
	const aside = `${lock}.stale.${process.pid}`;
	try {
		fs.renameSync(lock, aside);
	} catch {
		return;
	}
	if (ownerIsDead(aside)) fs.rmSync(aside, { force: true });
	else tryLink(aside, lock); // it was a new owner's after all: give it back
	fs.rmSync(aside, { force: true });
};
