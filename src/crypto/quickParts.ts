/**
 * Gives Baileys quicker functions for a few of those it imports, while it is imported. ES modules cannot
 * be changed afterwards as libsignal's CommonJS can, but what an import means is up to the process: for
 * the time of this one, Baileys' files are given modules that are the original but for some functions:
 *
 * - `crypto`, with keys as KeyObjects (keyObjects.ts);
 * - `Utils/generics.js`: `promiseTimeout` (promiseTimeout.ts);
 * - `WABinary/encode.js` and `decode.js`: frames (binaryNode.ts, binaryNodeReader.ts);
 * - `WABinary/jid-utils.js`: `jidDecode` (jids.ts);
 * - `events` for the socket, which offers each stanza under thirty names (sparseEmitter.ts);
 * - `async-mutex` (quickMutex.ts) and `lru-cache` for messages of late (lateExpiry.ts).
 *
 * Nothing of Baileys is copied or changed, nobody else's imports are touched, and a Baileys that was
 * imported before, or by a module system of its own (jest), simply stays as it is.
 */
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { quickEncoder } from './binaryNode';
import { quickDecoder } from './binaryNodeReader';
import { quickJidDecode } from './jids';
import { withKeyObjects } from './keyObjects';
import { lateExpiry } from './lateExpiry';
import { quickTimeout } from './promiseTimeout';
import { QuickMutex } from './quickMutex';
import { sparseEmitter } from './sparseEmitter';

/** Set to 1: Baileys with nothing but its own functions, to compare or in case of doubt. */
const PLAIN = 'WHATSAPP_LINKED_PLAIN_BAILEYS';
/** Where the modules given to Baileys find the functions. */
const SHARED = Symbol.for('n8n-nodes-whatsapp-linked/quick-parts');

interface Part {
	/** The module in whose place it stands, as Baileys' file asks for it. */
	specifiers: readonly string[];
	/** The files that are given it, below lib/; all of them unless told. */
	importers?: readonly string[];
	/** What else the functions are made of, by name. */
	imports?: Readonly<Record<string, string>>;
	/** Source texts, with `original`, the imports, and `shared` for what is under SHARED. */
	functions: Readonly<Record<string, string>>;
}

const sharedFunctions = {
	withKeyObjects,
	quickTimeout,
	quickEncoder,
	quickDecoder,
	quickJidDecode,
	sparseEmitter,
	QuickMutex,
	lateExpiry,
};

/** Whether quick parts are switched off. */
export function isPlain(): boolean {
	return process.env[PLAIN] === '1';
}

/** Imports Baileys with `load`, with the quick parts if this Node can and nothing speaks against it. */
export async function withQuickParts<T>(load: () => Promise<T>): Promise<T> {
	if (isPlain() || typeof registerHooks !== 'function') return await load();
	const require = createRequire(__filename);
	const entry = require.resolve('@whiskeysockets/baileys');
	const lib = new URL('.', pathToFileURL(entry)).href;
	const parts = partsOf(lib, createRequire(entry));
	Object.assign(globalThis, { [SHARED]: sharedFunctions });
	const hooks = hooked({
		resolve(specifier, context, next) {
			const importer = context.parentURL;
			if (importer?.startsWith(lib)) {
				const file = importer.slice(lib.length);
				const part = parts.find(
					({ specifiers, importers }) =>
						specifiers.includes(specifier) && (importers?.includes(file) ?? true),
				);
				if (part) {
					const { url } = next(specifier, context);
					return { url: sourceOf(part, url), format: 'module', shortCircuit: true };
				}
			}
			return next(specifier, context);
		},
	});
	if (!hooks) return await load();
	try {
		return await load();
	} finally {
		hooks.deregister();
	}
}

/** Undefined where the host does not let modules be exchanged, as test runners with loaders of their own. */
function hooked(hooks: Parameters<typeof registerHooks>[0]) {
	try {
		return registerHooks(hooks);
	} catch {
		return undefined;
	}
}

function partsOf(lib: string, fromBaileys: NodeJS.Require): Part[] {
	const keyed = (name: string) => [name, `shared.withKeyObjects(original.${name})`] as const;
	const constants = `${lib}WABinary/constants.js`;
	const jids = `${lib}WABinary/jid-utils.js`;
	return [
		{
			specifiers: ['crypto', 'node:crypto'],
			functions: Object.fromEntries(
				['createHmac', 'createCipheriv', 'createDecipheriv'].map(keyed),
			),
		},
		{
			specifiers: ['./generics.js'],
			importers: ['Utils/index.js'],
			imports: { boom: pathToFileURL(fromBaileys.resolve('@hapi/boom')).href },
			functions: { promiseTimeout: `shared.quickTimeout(boom.Boom, '${lib}Utils/generics.js')` },
		},
		{
			specifiers: ['./encode.js'],
			importers: ['WABinary/index.js'],
			imports: { constants },
			functions: {
				encodeBinaryNode:
					'shared.quickEncoder({ constants, jidDecode: shared.quickJidDecode, slow: original.encodeBinaryNode })',
			},
		},
		{
			specifiers: ['./decode.js'],
			importers: ['WABinary/index.js'],
			imports: { constants, jids },
			functions: {
				decodeBinaryNode: 'shared.quickDecoder({ constants, ...jids, ...original })',
			},
		},
		{
			specifiers: ['./jid-utils.js'],
			importers: ['WABinary/index.js'],
			functions: { jidDecode: 'shared.quickJidDecode' },
		},
		{
			specifiers: ['events'],
			importers: ['Socket/Client/types.js'],
			functions: { EventEmitter: 'shared.sparseEmitter(original.EventEmitter)' },
		},
		{
			specifiers: ['async-mutex'],
			importers: ['Utils/make-mutex.js', 'Utils/auth-utils.js'],
			functions: { Mutex: 'shared.QuickMutex' },
		},
		{
			specifiers: ['lru-cache'],
			importers: ['Utils/message-retry-manager.js'],
			functions: { LRUCache: 'shared.lateExpiry(original.LRUCache)' },
		},
	];
}

/** A module that is the original but for some functions. */
function sourceOf({ imports = {}, functions }: Part, original: string): string {
	const from = JSON.stringify(original);
	const source = [
		`import * as original from ${from};`,
		`export * from ${from};`,
		...Object.entries(imports).map(
			([name, url]) => `import * as ${name} from ${JSON.stringify(url)};`,
		),
		...(original.startsWith('node:') ? [`export { default } from ${from};`] : []),
		`const shared = globalThis[Symbol.for(${JSON.stringify(SHARED.description)})];`,
		...Object.entries(functions).map(([name, value]) => `export const ${name} = ${value};`),
	];
	return `data:text/javascript,${encodeURIComponent(source.join('\n'))}`;
}
