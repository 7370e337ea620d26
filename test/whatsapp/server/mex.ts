/** Answers to GraphQL queries (`w:mex`), by query id. */
import type { Device } from './accounts';
import { IqError } from './iq';

type Answer = (variables: Record<string, unknown>, device: Device) => unknown;

/** Baileys' QueryIds, and the path under `data` where it looks for each answer (XWAPaths). */
const PATHS: Readonly<Record<string, string>> = {
	// whatsmeow's querySubscribedNewsletters; Baileys has no function for it.
	'6388546374527196': 'xwa2_newsletter_subscribed',
	'8823471724422422': 'xwa2_newsletter_create',
	'24250201037901610': 'xwa2_newsletter_update',
	'6563316087068696': 'xwa2_newsletter',
	'9783111038412085': 'xwa2_newsletter_subscribers',
	'24404358912487870': 'xwa2_newsletter_join_v2',
	'9767147403369991': 'xwa2_newsletter_leave_v2',
	'29766401636284406': 'xwa2_newsletter_mute_v2',
	'9864994326891137': 'xwa2_newsletter_unmute_v2',
	'7130823597031706': 'xwa2_newsletter_admin',
	'30062808666639665': 'xwa2_newsletter_delete_v2',
	'23983697327930364': 'xwa2_fetch_account_reachout_timelock',
	'24503548349331633': 'xwa2_message_capping_info',
};

export class Mex {
	private readonly answers = new Map<string, Answer>();

	/** Sets the answer under this path, e.g. `xwa2_message_capping_info`. */
	set(path: string, answer: Answer): void {
		this.answers.set(path, answer);
	}

	/** The whole JSON, or undefined when nobody knows this query. */
	answer(queryId: string, variables: Record<string, unknown>, device: Device): unknown {
		const path = PATHS[queryId];
		const answer = path === undefined ? undefined : this.answers.get(path);
		if (!path || !answer) return undefined;
		try {
			return { data: { [path]: answer(variables, device) } };
		} catch (error) {
			if (!(error instanceof IqError)) throw error;
			const extensions = { error_code: error.code, is_retryable: false, severity: 'CRITICAL' };
			const { message } = error;
			return { data: { [path]: null }, errors: [{ message, path: [path], extensions }] };
		}
	}
}
