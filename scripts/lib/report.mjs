/** Counting what passed and failed, for the summary and the last line of `npm test`. */
import fs from 'node:fs';
import { seconds } from './processes.mjs';

export class Report {
	#steps = [];
	/** Tests that failed once and passed alone: told by name, so that nobody takes them for steady. */
	#unsteady = [];

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
	jest(name, resultFile, exitCode, milliseconds, again) {
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
		if (again) exitCode = this.#replace(name, results, again) ? 0 : exitCode;
		step.passed = results.testResults
			.flatMap(({ assertionResults }) => assertionResults)
			.filter(({ status }) => status === 'passed').length;
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

	/** Puts a second run of the failed files in the place of the first; true when all passed then. */
	#replace(name, results, { resultFile, exitCode }) {
		let second;
		try {
			second = JSON.parse(fs.readFileSync(resultFile, 'utf8'));
		} catch {
			return false;
		}
		for (const file of second.testResults) {
			const index = results.testResults.findIndex((each) => each.name === file.name);
			if (index < 0) continue;
			if (file.status === 'passed') {
				const failed = results.testResults[index].assertionResults.filter(
					({ status }) => status === 'failed',
				);
				const names = failed.map(({ fullName }) => `${name}: ${fullName}`);
				this.#unsteady.push(...(names.length > 0 ? names : [`${name}: ${file.name}`]));
			}
			results.testResults[index] = file;
		}
		return exitCode === 0;
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
		if (this.#unsteady.length > 0) {
			console.log(
				`\nFailed at first and passed alone (unsteady, to be mended):\n  ${this.#unsteady.join('\n  ')}`,
			);
		}
		if (failures.length > 0) console.log(`\nFailed:\n  ${failures.join('\n  ')}`);
		const skipped = this.#sum('skipped');
		console.log(
			`\n${this.#sum('passed')} passed, ${this.failed} failed${skipped ? `, ${skipped} skipped` : ''}`,
		);
	}

	#sum = (field) => this.#steps.reduce((total, step) => total + step[field], 0);
}
