/**
 * Installs what a lock file says. `npm ci` is the strict way; it refuses a lock file that lacks an
 * optional package of another platform, and npm leaves those out whenever the registry in use does
 * not have them (mirrors often carry only some platforms). `npm install` takes the same locked
 * versions and changes neither file, so it is the second try.
 */
import { Explained, run } from './processes.mjs';

const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund'];

/** @param {{ cwd?: string, env?: object, log: string, what: string, help: string }} options */
export async function installLocked({ log, ...options }) {
	try {
		await run('npm', ['ci', ...QUIET], { ...options, log });
	} catch (error) {
		if (!(error instanceof Explained)) throw error;
		console.log('  npm ci refused the lock file here; npm install with the same versions');
		await run('npm', ['install', '--no-save', ...QUIET], { ...options, log: `${log}-install` });
	}
}
