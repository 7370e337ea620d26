/** Counting what passed and failed, for the summary and the last line of `npm test`. */
import fs from 'node:fs';
import { seconds } from './processes.mjs';

export class Report {
	#steps = [];

	/** A check that passes or fails as a whole, such as lint. */
	check(name, ok, milliseconds) {
		this.#steps.push({
			name,
			milliseconds,
			passed: ok ? 1 : 0,
			failed: ok ? 0 : 1,
			skipped: 0,
			failures: ok ? [] : [`${name} (see above)`],
		});
	}

	/**
	 * A jest project, from the JSON that jest wrote. A file that could not be run at all counts as
	 * one failure; so does a run that wrote nothing or executed nothing.
	 */
	jest(name, resultFile, exitCode, milliseconds) {
		const step = { name, milliseconds, passed: 0, failed: 0, skipped: 0, failures: [] };
		this.#steps.push(step);
		const fail = (what) => {
			step.failed += 1;
			step.failures.push(what);
		};
		let results;
		try {
			results = JSON.parse(fs.readFileSync(resultFile, 'utf8'));
		} catch {
			return fail(`${name}: jest ended without results (exit code ${exitCode})`);
		}
		step.passed = results.numPassedTests;
		step.skipped = results.numPendingTests + results.numTodoTests;
		for (const file of results.testResults) {
			const failed = file.assertionResults.filter(({ status }) => status === 'failed');
			for (const { fullName } of failed) fail(`${name}: ${fullName}`);
			if (file.status === 'failed' && failed.length === 0) {
				fail(`${name}: ${file.name} could not be run`);
			}
		}
		if (step.failed === 0 && exitCode !== 0) fail(`${name}: jest ended with exit code ${exitCode}`);
		if (step.failed === 0 && step.passed === 0) fail(`${name}: no test was executed`);
	}

	get failed() {
		return this.#sum('failed');
	}

	/** Prints the summary; its last line is the one that machines read. */
	print() {
		console.log('\nSummary');
		for (const { name, passed, failed, skipped, milliseconds } of this.#steps) {
			const extra = skipped > 0 ? `, ${skipped} skipped` : '';
			console.log(
				`  ${name.padEnd(12)} ${passed} passed, ${failed} failed${extra}  (${seconds(milliseconds)})`,
			);
		}
		const failures = this.#steps.flatMap((step) => step.failures);
		if (failures.length > 0) console.log(`\nFailed:\n  ${failures.join('\n  ')}`);
		const skipped = this.#sum('skipped');
		console.log(
			`\n${this.#sum('passed')} passed, ${this.failed} failed${skipped ? `, ${skipped} skipped` : ''}`,
		);
	}

	#sum = (field) => this.#steps.reduce((total, step) => total + step[field], 0);
}
