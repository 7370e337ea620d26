import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What is worth looking at when a step has failed, by file name. */
export type Evidence = () => Promise<Record<string, string | Buffer>> | Record<string, string>;

/**
 * Tests that go on where the one before has ended: a story told step by step. When a step fails,
 * what there is to look at is saved below .cache/failures, and the steps after it fail at once
 * instead of waiting for what cannot come.
 */
export function story(name: string, evidence: Evidence) {
	let broken: string | undefined;
	return (title: string, body: () => Promise<void> | void, timeoutMs = 120_000) => {
		it(
			title,
			async () => {
				if (broken) throw new Error(`Not tried: the step "${broken}" has failed.`);
				try {
					await body();
				} catch (error) {
					broken = title;
					await save(name, evidence);
					throw error;
				}
			},
			timeoutMs,
		);
	};
}

async function save(name: string, evidence: Evidence) {
	const folder = path.resolve(__dirname, '../../../.cache/failures', name);
	mkdirSync(folder, { recursive: true });
	try {
		for (const [file, content] of Object.entries(await evidence())) {
			writeFileSync(path.join(folder, file), content);
		}
		console.error(`What there is to look at: ${folder}`);
	} catch (error) {
		console.error('No evidence could be saved:', error);
	}
}
