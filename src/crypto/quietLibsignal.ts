/**
 * libsignal 6.0.0 prints whole sessions, with private ratchet keys and root keys, to the console on
 * ordinary events ("Closing session:", "Opening session:", "Removing old closed session:"), and
 * texts on others. An n8n log must hold none of it. So its files are loaded here, before Baileys
 * imports them, each with a `console` of its own that prints nothing: whatever they call on it, now
 * or in a later version, goes nowhere, and nobody else's console is touched.
 */
import { createRequire, Module } from 'node:module';
import { readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { LibsignalCrypto } from './fastSymmetric';

/** libsignal's curve.js, as far as it is used here. Keys are Buffers; public ones 33 bytes, first 5. */
export interface LibsignalCurve {
	verifySignature(publicKey: Buffer, message: Uint8Array, signature: Uint8Array): boolean;
	calculateSignature(privateKey: Buffer, message: Uint8Array): Buffer;
}

type Method = (...args: unknown[]) => unknown;

export interface SessionRecordClass {
	migrate: Method;
	deserialize(data: object): object;
	readonly prototype: Record<'closeSession' | 'openSession' | 'removeOldSessions', Method> & {
		serialize(this: object): object;
	};
}

export interface Libsignal {
	readonly curve: LibsignalCurve;
	readonly crypto: LibsignalCrypto;
	readonly SessionRecord: SessionRecordClass;
}

const SHARED = Symbol.for('n8n-nodes-whatsapp-linked/quiet-libsignal');
const METHODS = ['closeSession', 'openSession', 'removeOldSessions'] as const;

const nothing = () => undefined;
/** Every method of it does nothing, whatever its name. */
const quietConsole = new Proxy({}, { get: () => nothing });

/** Where libsignal lies for Baileys: nested in it, beside it, or hoisted; n8n's installer decides. */
export function libsignalFolder(): string {
	const here = createRequire(__filename);
	const baileys = createRequire(here.resolve('@whiskeysockets/baileys'));
	return dirname(baileys.resolve('libsignal'));
}

/**
 * libsignal as Baileys sees it (the same module instances), printing nothing. Synchronous, so that
 * no other module is loaded meanwhile.
 */
export function loadQuietLibsignal(): Libsignal {
	const folder = libsignalFolder();
	const load = createRequire(join(folder, 'index.js'));
	const files = readdirSync(join(folder, 'src'))
		.filter((name) => name.endsWith('.js'))
		.map((name) => join(folder, 'src', name));

	const quiet = withQuietConsole(folder, () => {
		for (const file of files) load(file);
	});
	const libsignal = load(join(folder, 'index.js')) as Libsignal;
	for (const file of quiet) markQuiet(load(file));
	if (!isQuiet(libsignal.SessionRecord)) quietMethods(libsignal.SessionRecord);
	return libsignal;
}

/** Runs `task`; modules of this folder that it loads get the quiet console. Returns their files. */
function withQuietConsole(folder: string, task: () => void): string[] {
	const quiet: string[] = [];
	const prototype = Module.prototype as unknown as {
		_compile(this: NodeJS.Module, code: string, file: string, ...rest: unknown[]): unknown;
	};
	const compile = prototype._compile;
	const ours = join(folder, 'src') + sep;
	const shared = globalThis as unknown as Record<symbol, unknown>;
	shared[SHARED] = quietConsole;
	prototype._compile = function (code, file, ...rest) {
		if (!file.startsWith(ours)) return compile.call(this, code, file, ...rest);
		quiet.push(file);
		// A function around the file keeps its 'use strict' in place and its lines numbered as they are.
		const parameters = 'exports, require, module, __filename, __dirname';
		return compile.call(
			this,
			`(function (console, ${parameters}) {${code}\n})` +
				`.call(this, globalThis[Symbol.for('${SHARED.description}')], ${parameters});`,
			file,
			...rest,
		);
	};
	try {
		task();
	} finally {
		prototype._compile = compile;
		delete shared[SHARED];
	}
	return quiet;
}

function markQuiet(exported: unknown): void {
	if (typeof exported !== 'object' && typeof exported !== 'function') return;
	Object.defineProperty(exported, SHARED, { value: true, configurable: true });
}

function isQuiet(exported: object): boolean {
	return Object.hasOwn(exported, SHARED);
}

/**
 * For a libsignal that was loaded before us, or by a module system of its own (jest): the methods
 * that print keys. They are synchronous, so nobody else prints while they run.
 */
function quietMethods(SessionRecord: SessionRecordClass): void {
	const wrap = (method: Method): Method =>
		function (this: unknown, ...args) {
			const real = globalThis.console;
			globalThis.console = quietConsole as Console;
			try {
				return method.apply(this, args);
			} finally {
				globalThis.console = real;
			}
		};
	for (const name of METHODS) {
		SessionRecord.prototype[name] = wrap(SessionRecord.prototype[name]);
	}
	SessionRecord.migrate = wrap(SessionRecord.migrate);
	markQuiet(SessionRecord);
}
