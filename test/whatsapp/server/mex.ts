/** Answers to GraphQL queries (`w:mex`), by query id. */
import type { Device } from './accounts';

type Answer = (variables: Record<string, unknown>, device: Device) => unknown;

/** Baileys' QueryIds and the path under `data` where it looks for the answer (XWAPaths). */
const PATHS: Readonly<Record<string, string>> = {
	'23983697327930364': 'xwa2_fetch_account_reachout_timelock',
	'24503548349331633': 'xwa2_message_capping_info',
};

export class Mex {
	private readonly answers = new Map<string, Answer>();

	constructor() {
		// An account without restrictions. Field names as Baileys reads them.
		this.set('xwa2_fetch_account_reachout_timelock', () => ({ is_active: false }));
		this.set('xwa2_message_capping_info', () => ({
			total_quota: 1000,
			used_quota: 0,
			cycle_start_timestamp: null,
			cycle_end_timestamp: null,
			server_sent_timestamp: null,
			ote_status: 'NOT_ELIGIBLE',
			mv_status: 'NOT_ELIGIBLE',
			capping_status: 'NONE',
		}));
	}

	/** Sets the answer under this path, e.g. `xwa2_message_capping_info`. */
	set(path: string, answer: Answer): void {
		this.answers.set(path, answer);
	}

	/** The whole JSON, or undefined when nobody knows this query. */
	answer(queryId: string, variables: Record<string, unknown>, device: Device): unknown {
		const path = PATHS[queryId];
		const answer = path === undefined ? undefined : this.answers.get(path);
		return path && answer ? { data: { [path]: answer(variables, device) } } : undefined;
	}
}
