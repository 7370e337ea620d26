/**
 * What users install: the tarball as n8n's installer extracts it, and the tree of packages that
 * `npm install --ignore-scripts` puts beside it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
	HOST_DIR,
	installIntoUserFolder,
	NODE_BIN,
	PACKAGE_DIR,
	PACKAGE_NAME,
} from './harness/install';
import { RESOURCES } from '../../src/operations';

interface LockEntry {
	version?: string;
	resolved?: string;
	integrity?: string;
	link?: boolean;
	hasInstallScript?: boolean;
	dependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
	peerDependencies?: Record<string, string>;
	peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

interface Manifest {
	dependencies: Record<string, string>;
	scripts?: Record<string, string>;
	n8n: { nodes: string[]; credentials: string[] };
}

const ROOT = path.resolve(__dirname, '../..');
const readJson = <T>(...parts: string[]) =>
	JSON.parse(readFileSync(path.join(...parts), 'utf8')) as T;

const manifest = readJson<Manifest>(PACKAGE_DIR, 'package.json');
const files = readdirSync(PACKAGE_DIR, { recursive: true, encoding: 'utf8' })
	.filter((file) => !file.startsWith('node_modules') && file !== '.prepared')
	.filter((file) => statSync(path.join(PACKAGE_DIR, file)).isFile())
	.map((file) => file.split(path.sep).join('/'));
const textOf = (file: string) => readFileSync(path.join(PACKAGE_DIR, file), 'utf8');

describe('the packed files', () => {
	it('are the build, the manifest and the documents, nothing else', () => {
		const expected =
			/^(package\.json|index\.js|README\.md|CHANGELOG\.md|LICENSE|dist\/(src|nodes|credentials)\/.+\.(js|svg|png|node\.json)|dist\/nodes\/.+\/__schema__\/.+\.json)$/;
		expect(files.filter((file) => !expected.test(file))).toEqual([]);
	});

	it('have an output schema for each operation, where the editor looks for it', () => {
		const shown = RESOURCES.flatMap(({ value, operations }) =>
			operations.map(({ operation }) => `v1.0.0/${value}/${operation}.json`),
		);
		const folder = 'dist/nodes/WhatsAppLinked/__schema__/';
		const shipped = files.filter((file) => file.startsWith(folder));
		expect(shipped.map((file) => file.slice(folder.length)).sort()).toEqual(shown.sort());
		const sendText = readJson<{ properties: object }>(
			PACKAGE_DIR,
			`${folder}v1.0.0/message/sendText.json`,
		);
		expect(sendText).toMatchObject({
			type: 'object',
			properties: { messageId: { type: 'string' }, status: { type: 'string' } },
		});
		expect(files).toContain('dist/nodes/WhatsAppLinkedTrigger/__schema__/v1.0.0.json');
	});

	it('hold no test and no stand-in', () => {
		const traces = /\bWhatsAppServer\b|stand-?in|selfsigned|jest|\/test\/|15550\d/i;
		const scripts = files.filter((file) => file.endsWith('.js'));
		expect(scripts.length).toBeGreaterThan(50);
		expect(scripts.filter((file) => /require\("[^"]*test/.test(textOf(file)))).toEqual([]);
		expect(files.filter((file) => /(^|\/)(test|tests|__tests__)\//.test(file))).toEqual([]);
		expect(
			scripts.filter((file) => traces.test(withoutComments(withoutSamples(textOf(file))))),
		).toEqual([]);
	});

	it('point at no source map', () => {
		expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
		expect(files.filter((file) => /sourceMappingURL=/.test(textOf(file)))).toEqual([]);
	});

	it('hold no secret and no path of the machine that built them', () => {
		const secrets =
			/-----BEGIN [A-Z ]*PRIVATE KEY|npm_[A-Za-z0-9]{36}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[A-Z0-9]{16}/;
		expect(files.filter((file) => secrets.test(textOf(file)))).toEqual([]);
		expect(files.filter((file) => textOf(file).includes(ROOT))).toEqual([]);
	});

	it('include every node, credential and icon that n8n looks for', () => {
		const declared = [...manifest.n8n.nodes, ...manifest.n8n.credentials];
		expect(declared.filter((file) => !files.includes(file))).toEqual([]);
		const codex = manifest.n8n.nodes.map((file) => file.replace(/\.js$/, '.json'));
		expect(codex.filter((file) => !files.includes(file))).toEqual([]);
		const icons = declared.flatMap((file) =>
			[...textOf(file).matchAll(/file:([^'"]+\.(?:svg|png))/g)].map(([, icon]) =>
				path.posix.join(path.posix.dirname(file), icon!),
			),
		);
		expect(icons.length).toBeGreaterThanOrEqual(2);
		expect(icons.filter((icon) => !files.includes(icon))).toEqual([]);
	});

	it('run no script when they are installed', () => {
		const lifecycle = ['preinstall', 'install', 'postinstall', 'prepare'];
		expect(Object.keys(manifest.scripts ?? {}).filter((name) => lifecycle.includes(name))).toEqual(
			[],
		);
	});
});

describe('the packages that come with it', () => {
	const lock = readJson<{ packages: Record<string, LockEntry> }>(ROOT, 'package-lock.json');
	const installed = closure(lock.packages, Object.keys(manifest.dependencies));

	it('all come from the registry', () => {
		expect(installed.size).toBeGreaterThan(30);
		const foreign = [...installed].filter(([, entry]) => {
			const source = `${entry.version} ${entry.resolved ?? ''}`;
			return entry.link || /git|file:|github/.test(source) || !entry.integrity;
		});
		expect(foreign.map(([name]) => name)).toEqual([]);
		const ranges = Object.entries(manifest.dependencies);
		expect(ranges.filter(([, range]) => !/^[\^~]?\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))).toEqual(
			[],
		);
	});

	it('pin Baileys exactly', () => {
		expect(manifest.dependencies['@whiskeysockets/baileys']).toBe('7.0.0-rc14');
	});

	it('need none of their install scripts', () => {
		// What the known ones do: Baileys checks the version of Node, protobufjs warns about version
		// ranges, msgpackr-extract looks for its prebuilt file.
		const known = ['@whiskeysockets/baileys', 'msgpackr-extract', 'protobufjs'];
		const scripted = [...installed]
			.filter(([, entry]) => entry.hasInstallScript)
			.map(([name]) => name.split('node_modules/').at(-1)!);
		expect([...new Set(scripted)].filter((name) => !known.includes(name))).toEqual([]);
	});

	it('are all that the code asks for, where n8n has installed them without scripts', () => {
		// Outside of the repository, or Node would find what is missing in our own node_modules.
		const home = mkdtempSync(path.join(tmpdir(), 'package-'));
		try {
			installIntoUserFolder(home);
			const own = files.filter((file) => file.endsWith('.js')).map((file) => `./${file}`);
			const load = `for (const file of ${JSON.stringify(own)}) require(file);
				import('@whiskeysockets/baileys').then(() => console.log('loaded'));`;
			const printed = execFileSync(NODE_BIN, ['--eval', load], {
				cwd: path.join(home, '.n8n/nodes/node_modules', PACKAGE_NAME),
				encoding: 'utf8',
				// Where n8n-workflow, the one peer, is found; as n8n sets it.
				env: { PATH: process.env.PATH, NODE_PATH: path.join(HOST_DIR, 'node_modules') },
			});
			expect(printed.trim()).toBe('loaded');
		} finally {
			rmSync(home, { recursive: true, force: true });
		}
	});
});

/** Samples show made-up numbers on purpose. */
function withoutSamples(text: string): string {
	return text.replaceAll(/1?555010\d+/g, '');
}

function withoutComments(text: string): string {
	return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

/** Everything that is installed for these names, as the lock file places it. */
function closure(packages: Record<string, LockEntry>, names: string[]): Map<string, LockEntry> {
	const found = new Map<string, LockEntry>();
	const add = (name: string, from: string, optional: boolean): void => {
		const place = locate(packages, name, from);
		if (!place) {
			if (optional) return;
			throw new Error(`${name} (for ${from || 'the package'}) is not in the lock file`);
		}
		if (found.has(place)) return;
		const entry = packages[place]!;
		found.set(place, entry);
		for (const each of Object.keys(entry.dependencies ?? {})) add(each, place, false);
		for (const each of Object.keys(entry.optionalDependencies ?? {})) add(each, place, true);
		for (const each of Object.keys(entry.peerDependencies ?? {})) {
			if (!entry.peerDependenciesMeta?.[each]?.optional) add(each, place, false);
		}
	};
	for (const name of names) add(name, '', false);
	return found;
}

/** Node's way of finding a package: the nearest node_modules upwards. */
function locate(packages: Record<string, LockEntry>, name: string, from: string) {
	for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
		const place = `${folder ? `${folder}/` : ''}node_modules/${name}`;
		if (packages[place]) return place;
		if (!folder.includes('/node_modules/')) {
			const top = `node_modules/${name}`;
			return packages[top] ? top : undefined;
		}
	}
}
