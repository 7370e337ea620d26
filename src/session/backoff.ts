const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;

/**
 * How long to wait before reconnect attempt `attempt` (1, 2, ...), in milliseconds: doubling from
 * one second to five minutes, with jitter over the upper half, so that many numbers that lost the
 * same network do not come back in one instant.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
	const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
	return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
