/**
 * Gives Baileys quicker functions for a few of those it imports, while it is imported. ES modules cannot
 * be changed afterwards as libsignal's CommonJS can, but what an import means is up to the process: for
 * the time of this one, Baileys' files are given modules of these kinds:
 *
 * - `crypto` is Node's own, with keys as KeyObjects (keyObjects.ts);
 * - `Utils/generics.js` is Baileys' own but for `promiseTimeout` (promiseTimeout.ts);
 * - `WABinary/encode.js` is Baileys' own but for `encodeBinaryNode` (binaryNode.ts).
 *
 * Nothing of Baileys is copied or changed, nobody else's imports are touched, and a Baileys that was
 * imported before, or by a module system of its own (jest), simply stays as it is.
 */
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { quickEncoder } from './binaryNode';
import { withKeyObjects } from './keyObjects';
import { quickTimeout } from './promiseTimeout';

/** Set to 1: Baileys with nothing but its own functions, to compare or in case of doubt. */
const PLAIN = 'WHATSAPP_LINKED_PLAIN_BAILEYS';
/** Where the modules given to Baileys find the functions. */
const SHARED = Symbol.for('n8n-nodes-whatsapp-linked/quick-parts');

interface Part {
	/** The module in whose place it stands, as Baileys' file asks for it. */
	specifiers: readonly string[];
	/** The one file that is given it, below lib/; all of them unless told. */
	importer?: string;
	/** The module itself. */
	original: string;
	/** What else the functions are made of, by name. */
	imports?: Readonly<Record<string, string>>;
	/** Source texts, with `original`, the imports, and `shared` for what is under SHARED. */
	functions: Readonly<Record<string, string>>;
}

const sharedFunctions = { withKeyObjects, quickTimeout, quickEncoder };

/** Imports Baileys with `load`, with the quick parts if this Node can and nothing speaks against it. */
export async function withQuickParts<T>(load: () => Promise<T>): Promise<T> {
	if (process.env[PLAIN] === '1' || typeof registerHooks !== 'function') return await load();
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
					(each) => each.specifiers.includes(specifier) && (each.importer ?? file) === file,
				);
				if (part) return { url: sourceOf(part), format: 'module', shortCircuit: true };
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
	return [
		{
			specifiers: ['crypto', 'node:crypto'],
			original: 'node:crypto',
			functions: Object.fromEntries(
				['createHmac', 'createCipheriv', 'createDecipheriv'].map(keyed),
			),
		},
		{
			specifiers: ['./generics.js'],
			importer: 'Utils/index.js',
			original: `${lib}Utils/generics.js`,
			imports: { boom: pathToFileURL(fromBaileys.resolve('@hapi/boom')).href },
			functions: { promiseTimeout: `shared.quickTimeout(boom.Boom, '${lib}Utils/generics.js')` },
		},
		{
			specifiers: ['./encode.js'],
			importer: 'WABinary/index.js',
			original: `${lib}WABinary/encode.js`,
			imports: { constants: `${lib}WABinary/constants.js`, jids: `${lib}WABinary/jid-utils.js` },
			functions: {
				encodeBinaryNode:
					'shared.quickEncoder({ constants, ...jids, slow: original.encodeBinaryNode })',
			},
		},
	];
}

/** A module that is the original but for some functions. */
function sourceOf({ original, imports = {}, functions }: Part): string {
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
