/** node_modules as the lock file says, and Node 24 in it. Needs nothing but Node >= 20 and npm. */
import fs from 'node:fs';
import path from 'node:path';
import { installLocked } from './install.mjs';
import { hashOf, once } from './once.mjs';
import { BIN, ROOT } from './paths.mjs';
import { childEnv, Explained, outputOf, pathWithoutBin, run } from './processes.mjs';

const LOCK_FILE = path.join(ROOT, 'package-lock.json');
const NODE_24 = path.join(BIN, 'node');

/** Installs what the lock file asks for, if anything is missing. */
export async function dependencies() {
	if (Number(process.versions.node.split('.')[0]) < 20) {
		throw new Explained(
			`Node ${process.versions.node} is too old to start with. Install Node 20 or newer.`,
		);
	}
	const stamp = path.join(ROOT, 'node_modules', '.installed');
	await once(
		'dependencies',
		stamp,
		hashOf([LOCK_FILE], process.platform, process.arch),
		async () => {
			if (!matchesLockFile()) {
				console.log('  npm ci (a minute or two the first time)');
				await installLocked({
					log: 'npm-ci',
					what: 'Installing the dependencies',
					help: 'Check the network and the npm registry.',
					env: machineEnv(),
				});
			}
			// The one install script that is needed: it puts Node 24 of the `node` package in place.
			if (!has24()) {
				await npm(
					['rebuild', 'node', '--ignore-scripts=false'],
					'npm-rebuild-node',
					'Installing Node 24 from the npm package "node"',
					'It has builds for Linux, macOS and Windows on x64 and arm64.',
				);
			}
			if (!has24()) throw new Explained(`Node 24 is not at ${NODE_24} after the installation.`);
		},
	);
}

const has24 = () => outputOf(NODE_24, ['--version'])?.startsWith('v24.') === true;

const machineEnv = () => childEnv({ PATH: pathWithoutBin().join(path.delimiter) });

/** npm of the machine, run by the machine's Node: node_modules/.bin goes away under npm ci. */
const npm = (args, log, what, help) =>
	run('npm', args, {
		log,
		what,
		help,
		env: machineEnv(),
	});

/** Did somebody install the same already (npm install leaves its own record of what is there)? */
function matchesLockFile() {
	try {
		const wanted = readPackages(LOCK_FILE);
		const there = readPackages(path.join(ROOT, 'node_modules', '.package-lock.json'));
		return Object.entries(wanted).every(
			([name, { version, optional, link }]) =>
				name === '' || link || optional || there[name]?.version === version,
		);
	} catch {
		return false;
	}
}

const readPackages = (file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages;
