/** Tells, as an event, of an execution that died with its process and is not run again. */
import type { Sealer } from '../auth';
import type { Clock } from '../clock';
import type { LinkedEvent } from '../events';
import { NOWHERE } from '../events/nowhere';
import type { Inbox } from '../storage/roles';
import { sealEntry } from './entries';
import { pack } from './envelope';

export interface Interruption {
	/** `workflowId/nodeId` */
	trigger: string;
	execution: string | null;
	/** What the execution was about. */
	lost: LinkedEvent;
}

/** Any process may do this; who does it again changes nothing. */
export async function reportInterrupted(
	deps: { inbox: Inbox; sealer: Sealer; clock: Clock },
	{ trigger, execution, lost }: Interruption,
): Promise<void> {
	const [workflow] = trigger.split('/');
	const event: LinkedEvent = {
		event: 'trigger.interrupted',
		id: `trigger.interrupted:${trigger}:${lost.id}`,
		timestamp: new Date(deps.clock.now()).toISOString(),
		...NOWHERE,
		workflow,
		execution,
		lost,
	};
	const value = sealEntry(deps.sealer, pack(event));
	await deps.inbox.append([{ key: event.id, value }]);
}
