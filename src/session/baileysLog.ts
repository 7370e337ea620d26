import type { Log } from '../log';

/** Baileys' ILogger, without its `any`s. */
export interface BaileysLogger {
	level: string;
	child(facts: Record<string, unknown>): BaileysLogger;
	trace(facts: unknown, message?: string): void;
	debug(facts: unknown, message?: string): void;
	info(facts: unknown, message?: string): void;
	warn(facts: unknown, message?: string): void;
	error(facts: unknown, message?: string): void;
}

/**
 * Lets Baileys' own words reach n8n's log, but never its facts: those hold whole stanzas, keys,
 * message texts and QR contents. Its texts are fixed sentences only when facts are given beside
 * them, so a lone text (which may be built with values) is dropped too.
 */
export function baileysLog(log: Log): BaileysLogger {
	const pass = (level: 'debug' | 'warn') => (facts: unknown, message?: string) => {
		if (
			typeof facts === 'object' &&
			typeof message === 'string' &&
			/^[\w\s,.:'()/-]+$/.test(message)
		) {
			log[level](message.slice(0, 120));
		}
	};
	const nothing = () => {};
	const logger: BaileysLogger = {
		level: 'warn',
		child: () => logger,
		trace: nothing,
		debug: nothing,
		info: nothing,
		// Much of what Baileys calls an error passes by itself (a retry, a lost race), so it is debug here.
		warn: pass('debug'),
		error: pass('debug'),
	};
	return logger;
}
