/**
 * Performs a command at most once: what was done before is answered from its record, and what may not
 * be done twice is noted before it begins.
 */
import type { Clock } from '../clock';
import { LinkedError, type ErrorCode } from '../errors';
import { errorName, type Log } from '../log';
import { findOperation, type Command, type Owner } from '../operations';
import type { Facts } from '../storage/roles';
import { Records, type Outcome } from './records';
import type { Result } from './underWay';

export interface OnceDeps {
	facts: Facts;
	clock: Clock;
	log: Log;
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set(['rejected', 'restricted']);

export class Once {
	private readonly records: Records;
	/** Outcomes that are being stored while their callers go on. */
	private readonly noting = new Set<Promise<void>>();

	constructor(private readonly deps: OnceDeps) {
		this.records = new Records(deps.facts);
	}

	/**
	 * @param ownerFor makes what the operation works with
	 * @throws LinkedError
	 */
	async perform(command: Command, ownerFor: () => Owner): Promise<Result> {
		const operation = findOperation(command.operation);
		if (!operation) {
			throw new LinkedError('bad-parameter', {
				detail: 'This n8n process does not know the operation; update the package everywhere.',
			});
		}
		if (this.deps.clock.now() > command.deadline) {
			throw new LinkedError('owner-unreachable', { detail: 'It was not started in time.' });
		}
		const key = command.idempotencyKey;
		const writes = operation.writes && !command.safety?.dryRun;
		const before = writes ? await this.records.find(key) : undefined;
		if (command.recall) return { done: before && 'result' in before ? before.result : null };
		if (before) return settled(before);
		const once = writes && !(operation.repeatable ?? operation.resource === 'message');
		if (once && !(await this.records.begin(key))) {
			throw new LinkedError('no-answer', {
				detail: 'It was begun before by a process that ended before it could tell how it went.',
			});
		}
		try {
			const result = await operation.perform(ownerFor(), command.params);
			if (writes) {
				const noted = this.noted(this.records.complete(key, { result }, !once));
				// A message that goes out twice has the same id, so nobody need wait for the storage.
				if (once) await noted;
				else this.whileTheyGoOn(noted);
			}
			return result;
		} catch (error) {
			const known = LinkedError.from(error);
			if (once && known.certain) await this.noted(this.records.forget(key));
			// n8n's Retry On Fail must not knock again at once where WhatsApp has just said no.
			if (writes && REFUSALS.has(known.code)) {
				await this.noted(this.records.refuse(key, known.toJSON()));
			}
			throw error;
		}
	}

	/** Waits until the outcomes so far are stored. */
	async idle(): Promise<void> {
		await Promise.all(this.noting);
	}

	/** It is done, or it is not: a storage that fails after that must not make it look otherwise. */
	private async noted(note: Promise<void>): Promise<void> {
		await note.catch((error: unknown) => {
			this.deps.log.warn('an outcome could not be stored', { error: errorName(error) });
		});
	}

	private whileTheyGoOn(noted: Promise<void>): void {
		this.noting.add(noted);
		void noted.finally(() => this.noting.delete(noted));
	}
}

function settled(outcome: Outcome): Result {
	if ('result' in outcome) return outcome.result;
	throw LinkedError.fromJSON(outcome.error);
}
