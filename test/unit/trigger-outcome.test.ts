/** What n8n's record of an execution says about the event that started it. */
import type { ExecutionStatus, IRun } from 'n8n-workflow';
import { outcomeOf } from '../../nodes/WhatsAppLinkedTrigger/ends';

const run = (status: ExecutionStatus, lastNodeExecuted?: string) =>
	({ status, data: { resultData: { runData: {}, lastNodeExecuted } } }) as unknown as IRun;

test.each<[string, IRun | undefined, 'ended' | 'lost']>([
	['that succeeded', run('success', 'Answer'), 'ended'],
	['that waits for something', run('waiting', 'Wait'), 'ended'],
	['that somebody stopped', run('canceled'), 'ended'],
	['that failed in the workflow', run('error', 'Answer'), 'ended'],
	['that n8n did not start as it had it already', undefined, 'ended'],
	['that failed in the trigger, which could not claim its event', run('error', 'Trigger'), 'lost'],
	['whose worker died: n8n reports an error of no node', run('error'), 'lost'],
	['that crashed', run('crashed'), 'lost'],
])('an execution %s', (_which, record, outcome) => {
	expect(outcomeOf(record, 'Trigger')).toBe(outcome);
});
