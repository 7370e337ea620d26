/**
 * Regular expressions that users type and strangers' messages are tested with. Some patterns take
 * for ever on some texts (`(a+)+$`), and n8n has one thread: a test that takes too long is ended and
 * counts as no match.
 */
import { createContext, Script } from 'node:vm';

/**
 * Usual tests take microseconds, but the time is the clock's: a host under load may stop for longer
 * than the first limit. So a test gets a second, longer try before its message is left out.
 */
const LIMITS_MS = [50, 1_000] as const;
/** A pattern that was too slow this often gets the first try only. */
const PATIENCE = 5;
const MAX_TEXT = 10_000;

export interface Pattern {
	/** False too when it took too long; `slow` then tells. */
	matches(text: string): boolean;
	/** How many tests were ended because they took too long. */
	readonly slow: number;
}

/**
 * Reads `pattern` or `/pattern/flags`. Throws a SyntaxError that says what is wrong with it.
 * @param onSlow called when a test was ended because it took too long
 */
export function compilePattern(source: string, onSlow: () => void = () => {}): Pattern {
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
			for (const timeout of slow < PATIENCE ? LIMITS_MS : LIMITS_MS.slice(0, 1)) {
				try {
					script.runInContext(sandbox, { timeout });
					return sandbox.found === true;
				} catch {
					// It took too long.
				}
			}
			slow++;
			onSlow();
			return false;
		},
		get slow() {
			return slow;
		},
	};
}
