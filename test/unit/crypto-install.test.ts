import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');
const MODULES = join(ROOT, 'node_modules');
const CHILD = join(__dirname, 'crypto-install-child.cjs');

interface Report {
	libsignalFolder: string;
	printing: number;
	unquiet: string[];
	acceptsGood: boolean;
	acceptsForged: boolean;
	fastSign: boolean;
	fastGroupSign: boolean;
}

let home: string;

beforeAll(() => {
	home = realpathSync(mkdtempSync(join(tmpdir(), 'crypto-install-')));
});

afterAll(() => {
	rmSync(home, { recursive: true, force: true });
});

/** The package as n8n installs it: compiled, below ~/.n8n/nodes, with modules of its own. */
function layOut(name: string, libsignal: 'hoisted' | 'nested'): string {
	const folder = join(home, name, '.n8n/nodes/node_modules/n8n-nodes-whatsapp-linked');
	const modules = join(folder, 'node_modules');
	mkdirSync(join(modules, '@whiskeysockets'), { recursive: true });
	const rooms = ['errors', 'crypto'];
	for (const room of rooms) mkdirSync(join(folder, 'dist/src', room), { recursive: true });
	for (const file of rooms.flatMap((room) =>
		readdirSync(join(ROOT, 'src', room)).map((it) => `${room}/${it}`),
	)) {
		const { outputText } = ts.transpileModule(readFileSync(join(ROOT, 'src', file), 'utf8'), {
			compilerOptions: {
				module: ts.ModuleKind.CommonJS,
				target: ts.ScriptTarget.ES2023,
				esModuleInterop: true,
			},
		});
		writeFileSync(join(folder, 'dist/src', file.replace(/ts$/, 'js')), outputText);
	}
	const copy = (from: string, to: string) =>
		cpSync(join(MODULES, from), join(modules, to), {
			recursive: true,
			filter: (source) => !/\.(d\.ts|map)$/.test(source),
		});
	copy('@whiskeysockets/baileys', '@whiskeysockets/baileys');
	copy('libsignal', 'libsignal');
	// When it is nested, the one beside Baileys is somebody else's and must not be taken for it.
	if (libsignal === 'nested') copy('libsignal', '@whiskeysockets/baileys/node_modules/libsignal');
	for (const other of readdirSync(MODULES)) {
		if (['@whiskeysockets', 'libsignal', '.bin'].includes(other)) continue;
		symlinkSync(join(MODULES, other), join(modules, other));
	}
	return folder;
}

function run(
	folder: string,
	mode: 'installed' | 'late' | 'bare',
	{ nodeOptions = [], env = {} }: { nodeOptions?: string[]; env?: Record<string, string> } = {},
) {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[...nodeOptions, CHILD, folder, mode],
		{ encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', ...env } },
	);
	expect({ status, stderr: status ? stderr : '' }).toEqual({ status: 0, stderr: '' });
	const lines = stdout.trimEnd().split('\n');
	return { report: JSON.parse(lines.pop() ?? '') as Report, printed: lines.join('\n'), stderr };
}

const SECURE = {
	unquiet: [],
	acceptsGood: true,
	acceptsForged: false,
	fastSign: true,
	fastGroupSign: true,
};

describe('in a package laid out as n8n installs it', () => {
	let hoisted: string;
	let nested: string;

	beforeAll(() => {
		hoisted = layOut('hoisted', 'hoisted');
		nested = layOut('nested', 'nested');
	});

	it('shows that bare Baileys accepts a forged signature and prints private keys', () => {
		const { report, printed, stderr } = run(hoisted, 'bare');
		expect(report).toMatchObject({ acceptsForged: true, fastSign: false, fastGroupSign: false });
		expect(report.unquiet).toHaveLength(report.printing);
		expect(printed).toContain('Closing session:');
		expect(printed).toContain('Opening session:');
		expect(printed).toContain('Removing old closed session:');
		expect(stderr).toContain('Session already closed');
		expect(stderr).toContain('Failed to decrypt message with any known session');
		expect(stderr).toContain('Unhandled bucket type');
	});

	it.each(['hoisted', 'nested'] as const)(
		'checks, signs fast and prints nothing when libsignal is %s',
		(kind) => {
			const folder = kind === 'hoisted' ? hoisted : nested;
			const { report, printed, stderr } = run(folder, 'installed');
			expect(report).toMatchObject(SECURE);
			expect(report.libsignalFolder).toContain(
				kind === 'hoisted'
					? 'n8n-nodes-whatsapp-linked/node_modules/libsignal'
					: 'baileys/node_modules/libsignal',
			);
			expect(printed).toBe('');
			expect(stderr).toBe('a line of somebody else\n');
		},
	);

	it('checks as strictly by the slow code when that is asked for', () => {
		const { report, printed, stderr } = run(hoisted, 'installed', {
			env: { WHATSAPP_LINKED_SLOW_SIGNATURES: '1' },
		});
		expect(report).toMatchObject({ ...SECURE, fastSign: false, fastGroupSign: false });
		expect(printed + stderr).toBe('a line of somebody else\n');
	});

	it('checks and prints no key when somebody else imported the same Baileys before', () => {
		const { report, printed, stderr } = run(hoisted, 'late');
		expect(report).toMatchObject({ acceptsGood: true, acceptsForged: false, fastSign: true });
		// Baileys holds libsignal's bare functions for group messages; they are checked, but slow.
		expect(report.fastGroupSign).toBe(false);
		expect(printed + stderr).toContain('Failed to decrypt message');
		expect(printed + stderr).not.toMatch(/<Buffer|privKey|Closing|Opening|Removing/);
	});

	it('holds when the process loads modules through hooks, as tracing tools do', () => {
		const hook = join(home, 'hook.mjs');
		writeFileSync(
			hook,
			`import { register } from 'node:module';
			register('data:text/javascript,' + encodeURIComponent(\`
				import { readFile } from 'node:fs/promises';
				export async function load(url, context, next) {
					const loaded = await next(url, context);
					if (loaded.format === 'commonjs') loaded.source ??= await readFile(new URL(url));
					return loaded;
				}\`));`,
		);
		const { report, printed, stderr } = run(hoisted, 'installed', {
			nodeOptions: ['--import', hook],
		});
		expect(report).toMatchObject(SECURE);
		expect(printed + stderr).toBe('a line of somebody else\n');
	});
});

it('knows every place where Baileys itself prints, none of which has keys or messages', () => {
	const lib = join(MODULES, '@whiskeysockets/baileys/lib');
	const found = execFileSync('grep', ['-rnE', '--include=*.js', '\\bconsole\\.', lib], {
		encoding: 'utf8',
	});
	const places = found
		.trim()
		.split('\n')
		.map((line) => line.replace(`${lib}/`, '').split(':')[0]);
	// A failed clean-up of a product picture, and a community whose metadata could not be read.
	expect(places.sort()).toEqual(['Socket/communities.js', 'Utils/business.js']);
});
