import { runtime, servesN8n } from '../../src/runtime';

/** n8n is still starting when it loads its nodes. */
const START_MS = 3_000;

/**
 * Executions that wait for an answer sleep in n8n over a restart, and then nothing of ours runs until
 * a workflow does. So loading the node takes the open questions up, in the process that can.
 */
export function recoverQuestions(): void {
	if (!servesN8n()) return;
	setTimeout(() => {
		runtime()
			.recoverQuestions()
			.catch(() => runtime().log.warn('open questions could not be taken up'));
	}, START_MS).unref();
}
