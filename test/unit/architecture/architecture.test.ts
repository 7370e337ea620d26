import { readFileSync } from 'node:fs';
import path from 'node:path';
import { importsOf, importsOfFile, ROOT, type Import } from './imports';
import { circles, rules } from './rules';

const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
	dependencies: Record<string, string>;
	peerDependencies: Record<string, string>;
};
const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
const imports = importsOf(['src', 'nodes', 'credentials']);
const shown = ({ from, to }: Import) => `${from} imports ${to}`;

describe('rooms', () => {
	it.each(rules(dependencies))('$name', ({ broken }) => {
		expect(broken(imports).map(shown)).toEqual([]);
	});

	it('no files import each other in a circle', () => {
		expect(circles(imports)).toEqual([]);
	});
});

describe('the rules themselves', () => {
	const breaks = (file: string, text: string) => {
		const found = importsOfFile(file, text);
		return rules(dependencies)
			.filter(({ broken }) => broken(found).length > 0)
			.map(({ name }) => name);
	};

	it.each([
		['nodes/A/A.node.ts', "import { x } from '../../src/session/pool';"],
		['credentials/A.credentials.ts', "export * from '../src/storage/roles';"],
		['src/session/pool.ts', "import type { X } from '../inbound';"],
		['src/session/pool.ts', "const x = await import('../outbound/lanes');"],
		['src/storage/redis/index.ts', "import { x } from '../sqlite/index';"],
		['src/inbound/index.ts', "import { DatabaseSync } from 'node:sqlite';"],
		['src/storage/sqlite/index.ts', "import { createClient } from '@redis/client';"],
		['src/wa/ids.ts', "import { LinkedError } from '../errors';"],
		['src/errors.ts', "type X = import('./log').Log;"],
		['src/clock.ts', "const x = require('./log');"],
		['src/runtime.ts', "import { WhatsAppServer } from '../test/whatsapp';"],
		['src/session/socket.ts', "import { makeWASocket } from '@whiskeysockets/baileys';"],
		['src/session/socket.ts', "import { makeWASocket, type X } from '@whiskeysockets/baileys';"],
		['src/inbound/index.ts', "import { debounce } from 'lodash';"],
		['src/inbound/index.ts', "import { join } from 'path';"],
	])('see %s with %s', (file, text) => {
		expect(breaks(file, text)).toHaveLength(1);
	});

	it.each([
		['nodes/A/A.node.ts', "import { runtime } from '../../src/runtime';"],
		['nodes/A/A.node.ts', "import { settings } from './settings';"],
		['src/session/pool.ts', "import type { proto } from '@whiskeysockets/baileys';"],
		['src/session/pool.ts', "import { type proto } from '@whiskeysockets/baileys';"],
		['src/storage/sqlite/index.ts', "import { DatabaseSync } from 'node:sqlite';"],
		['src/wa/ids.ts', "import { parse } from './phone';"],
	])('allow %s with %s', (file, text) => {
		expect(breaks(file, text)).toEqual([]);
	});

	it('find circles, but not through types', () => {
		const edge = (from: string, to: string, typeOnly = false) => ({ from, to, typeOnly });
		expect(circles([edge('a', 'b'), edge('b', 'c'), edge('c', 'a')])).toEqual(['a -> b -> c -> a']);
		expect(circles([edge('a', 'b'), edge('b', 'a', true)])).toEqual([]);
	});
});
