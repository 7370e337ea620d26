/** Storages for tests of what stands on them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../src/clock';
import type { Log, LogFacts } from '../../src/log';

/** A folder of its own below the system's temporary folder; `remove` deletes it. */
export function temporaryFolder(name = 'wal'): { path: string; remove(): void } {
	const path = mkdtempSync(join(tmpdir(), `${name}-`));
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface LogLine {
	level: 'debug' | 'info' | 'warn' | 'error';
	message: string;
	facts?: LogFacts;
}

/** A log that remembers its lines. */
export function recordingLog(): Log & { lines: LogLine[] } {
	const lines: LogLine[] = [];
	const at = (level: LogLine['level']) => (message: string, facts?: LogFacts) => {
		lines.push({ level, message, facts });
	};
	const log = {
		lines,
		debug: at('debug'),
		info: at('info'),
		warn: at('warn'),
		error: at('error'),
		room: (): Log => log,
	};
	return log;
}

/** A clock whose hands the test moves; timers that become due run in order. */
export function manualClock(start = Date.UTC(2026, 0, 1)): Clock & { advance(ms: number): void } {
	let now = start;
	const timers = new Set<{ at: number; task: () => void }>();
	const after = (ms: number, task: () => void) => {
		const timer = { at: now + ms, task };
		timers.add(timer);
		return () => void timers.delete(timer);
	};
	return {
		...systemClock,
		now: () => now,
		after,
		sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
		advance(ms) {
			now += ms;
			for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
				if (timer.at > now) continue;
				timers.delete(timer);
				timer.task();
			}
		},
	};
}
