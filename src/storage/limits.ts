/** How long a dedupe key outlives its trimmed inbox entry: a server may send again late. */
export const DEDUPE_AFTER_TRIM_MS = 7 * 24 * 3600 * 1000;
