import { LoggerProxy } from 'n8n-workflow';

/** Facts worth logging: short, never a secret, a QR content or a message text. */
export type LogFacts = Record<string, string | number | boolean | null | undefined>;

/** What every room logs through; each line names its room. */
export interface Log {
	debug(message: string, facts?: LogFacts): void;
	info(message: string, facts?: LogFacts): void;
	warn(message: string, facts?: LogFacts): void;
	error(message: string, facts?: LogFacts): void;
	/** The same log with one more level of room, for example `session`. */
	room(name: string): Log;
}

/** Writes to n8n's own log; n8n adds time and level. */
export function createLog(room = 'whatsapp-linked'): Log {
	const line = (message: string) => `[${room}] ${message}`;
	return {
		debug: (message, facts) => LoggerProxy.debug(line(message), facts),
		info: (message, facts) => LoggerProxy.info(line(message), facts),
		warn: (message, facts) => LoggerProxy.warn(line(message), facts),
		error: (message, facts) => LoggerProxy.error(line(message), facts),
		room: (name) => createLog(`${room}:${name}`),
	};
}

/** For tests and tools that want no output. */
export const silentLog: Log = {
	debug: () => {},
	info: () => {},
	warn: () => {},
	error: () => {},
	room: () => silentLog,
};

/**
 * The short name of an error for the log: class and code, never its message, because messages of
 * foreign libraries may quote what they were given.
 */
export function errorName(error: unknown): string {
	if (!(error instanceof Error)) return typeof error;
	const code = 'code' in error ? error.code : undefined;
	return typeof code === 'string' || typeof code === 'number'
		? `${error.name}(${code})`
		: error.name;
}
