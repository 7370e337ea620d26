/** A real, pinned n8n, and our package prepared for it as n8n's own installer does it. */
import { installLocked } from './install.mjs';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { hashOf, once, withLock } from './once.mjs';
import { CACHE, HOST, HOST_MANIFEST, PACKAGE, ROOT, TARBALL } from './paths.mjs';
import { Explained, run } from './processes.mjs';

/** All that the tarball depends on. */
const SOURCES = [
	...['src', 'nodes', 'credentials', 'package.json', 'tsconfig.json', 'tsconfig.build.json'],
	...['gulpfile.js', 'index.js', 'README.md', 'CHANGELOG.md', 'LICENSE'],
].map((name) => path.join(ROOT, name));

const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

/** Installs the pinned n8n into .cache/n8n-host. Takes minutes the first time. */
export async function n8nHost() {
	const lockFile = path.join(HOST_MANIFEST, 'package-lock.json');
	const stamp = path.join(HOST, 'node_modules', '.installed');
	await once('n8n-host', stamp, hashOf([lockFile], process.platform, process.arch), async () => {
		console.log('  installing n8n (2.8 GB, some minutes the first time)');
		fs.mkdirSync(HOST, { recursive: true });
		for (const file of ['package.json', 'package-lock.json']) {
			fs.copyFileSync(path.join(HOST_MANIFEST, file), path.join(HOST, file));
		}
		await installLocked({
			cwd: HOST,
			log: 'n8n-host-ci',
			what: 'Installing n8n',
			help: 'Check the network, the npm registry and the free disk space (3 GB).',
		});
		// Embedded storage of n8n itself. The other native modules are for nodes that we don't use.
		await run('npm', ['rebuild', 'sqlite3', '--ignore-scripts=false'], {
			cwd: HOST,
			log: 'n8n-host-sqlite3',
			what: 'Building sqlite3 for n8n',
			help: 'It takes a prebuilt binary if there is one, else it needs python3, make and a C++ compiler.',
		});
	});
}

/**
 * Packs this package (.cache/n8n-package.tgz) and prepares it in .cache/n8n-package: extracted, without dev, peer and
 * optional dependencies, its own dependencies installed inside it.
 */
export async function n8nPackage() {
	const { dependencies } = readJson(path.join(ROOT, 'package.json'));
	const installed = path.join(CACHE, 'n8n-package-modules');
	await once(
		'n8n-package',
		path.join(PACKAGE, '.prepared'),
		() => hashOf(SOURCES, 'and the tarball'),
		async () => {
			await pack();
			const fresh = `${PACKAGE}.new`;
			fs.rmSync(fresh, { recursive: true, force: true });
			fs.mkdirSync(fresh, { recursive: true });
			await run('tar', ['-xzf', TARBALL, '-C', fresh, '--strip-components=1'], {
				what: 'Extracting the package',
			});
			const manifest = readJson(path.join(fresh, 'package.json'));
			for (const field of ['devDependencies', 'peerDependencies', 'optionalDependencies']) {
				delete manifest[field];
			}
			fs.writeFileSync(path.join(fresh, 'package.json'), JSON.stringify(manifest, null, 2));
			await installModules(installed, dependencies);
			linkTree(path.join(installed, 'node_modules'), path.join(fresh, 'node_modules'));
			fs.rmSync(PACKAGE, { recursive: true, force: true });
			fs.renameSync(fresh, PACKAGE);
		},
	);
}

/** npm pack, which builds first: our own prepack script is off by .npmrc like everybody's. */
async function pack() {
	const { name, version } = readJson(path.join(ROOT, 'package.json'));
	const options = ['--ignore-scripts=false', '--pack-destination', CACHE];
	await run('npm', ['pack', ...options], { log: 'npm-pack', what: 'Building and packing' });
	fs.renameSync(path.join(CACHE, `${name}-${version}.tgz`), TARBALL);
}

/** What users get of our dependencies, kept while package.json asks for the same. */
const installModules = (folder, dependencies) =>
	once(
		'n8n-package-modules',
		path.join(folder, 'node_modules', '.installed'),
		hashOf([], JSON.stringify(dependencies), process.platform, process.arch),
		async () => {
			fs.rmSync(folder, { recursive: true, force: true });
			fs.mkdirSync(folder, { recursive: true });
			const manifest = { name: 'n8n-package-modules', private: true, dependencies };
			fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
			// The very options of n8n's installer (community-packages.service.js).
			const options = ['--bin-links=false', '--install-strategy=shallow', '--package-lock=false'];
			await run(
				'npm',
				['install', '--audit=false', '--fund=false', '--ignore-scripts=true', ...options],
				{ cwd: folder, log: 'n8n-package-modules', what: "Installing the package's dependencies" },
			);
		},
	);

/** Copies a folder; by hard links where the system can (nobody writes into these files). */
export function linkTree(from, to) {
	const linked = spawnSync('cp', ['-al', from, to]).status === 0;
	if (!linked) {
		fs.rmSync(to, { recursive: true, force: true });
		fs.cpSync(from, to, { recursive: true, verbatimSymlinks: true });
	}
}

/**
 * Puts the prepared package into an n8n user folder, as the installer leaves it there.
 *
 * @param {string} userFolder what N8N_USER_FOLDER will be
 */
export async function installIntoUserFolder(userFolder) {
	if (!fs.existsSync(path.join(PACKAGE, '.prepared'))) {
		throw new Explained('The package is not prepared: run `node scripts/setup.mjs n8n` first.');
	}
	const { name, version } = readJson(path.join(PACKAGE, 'package.json'));
	const nodes = path.join(userFolder, '.n8n', 'nodes');
	const target = path.join(nodes, 'node_modules', name);
	await withLock('n8n-package', async () => {
		fs.rmSync(target, { recursive: true, force: true });
		fs.mkdirSync(path.dirname(target), { recursive: true });
		linkTree(PACKAGE, target);
	});
	const ledger = { name: 'installed-nodes', private: true, dependencies: { [name]: version } };
	fs.writeFileSync(path.join(nodes, 'package.json'), JSON.stringify(ledger, null, 2));
}
