/**
 * Regular expressions that users type and strangers' messages are tested with. Some patterns take
 * for ever on some texts (`(a+)+$`), and n8n has one thread: a test that takes too long is ended and
 * counts as no match.
 */
import { createContext, Script } from 'node:vm';

/** Usual tests take microseconds. */
const LIMIT_MS = 50;
const MAX_TEXT = 10_000;

export interface Pattern {
	/** False too when it took too long; `slow` then tells. */
	matches(text: string): boolean;
	/** How many tests were ended because they took too long. */
	readonly slow: number;
}

/** Reads `pattern` or `/pattern/flags`. Throws a SyntaxError that says what is wrong with it. */
export function compilePattern(source: string): Pattern {
	const delimited = /^\/(.+)\/([a-z]*)$/su.exec(source);
	const [, body = source, given = ''] = delimited ?? [];
	// Flags that make a test depend on the one before are of no use here.
	const expression = new RegExp(body, given.replace(/[gy]/g, ''));
	const sandbox: { expression: RegExp; text: string; found?: boolean } = { expression, text: '' };
	createContext(sandbox);
	const script = new Script('found = expression.test(text)');
	let slow = 0;
	return {
		matches(text) {
			sandbox.text = text.slice(0, MAX_TEXT);
			try {
				script.runInContext(sandbox, { timeout: LIMIT_MS });
				return sandbox.found === true;
			} catch {
				slow++;
				return false;
			}
		},
		get slow() {
			return slow;
		},
	};
}
