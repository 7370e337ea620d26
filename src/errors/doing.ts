/** Errors of doing it: WhatsApp refuses, safety holds it back, or nobody knows. */
import { entry, type ErrorEntry } from './entry';

export const DOING = {
	rejected: entry(
		'WhatsApp rejected the request.',
		'Read the code and its meaning; do not repeat it blindly.',
		'never',
	),
	'rate-limited': entry(
		'WhatsApp says that it was asked too often.',
		'Wait some minutes, and ask less often: get lists once and keep them, put a Wait node into loops.',
		'later',
	),
	restricted: entry(
		'WhatsApp restricts this number from writing to this person for now (463).',
		'Wait. Writing again makes it worse. People who wrote to you can usually still be answered.',
		'later',
	),
	'safety-limit': entry(
		'The safety limits of this credential hold this message back.',
		'Wait until the time named here, let the node wait (option When a Limit Is Reached), or change the limits in the credential.',
		'later',
	),
	guardrail: entry(
		'A guardrail of this credential or node does not allow this message.',
		'If it should be allowed, change Only Answers or Allowed Recipients in the credential or in the options of the node.',
		'never',
	),
	'no-answer': entry(
		'WhatsApp did not confirm in time; it may or may not have been done.',
		'Check in the chat before doing it again.',
		'later',
		false,
	),
	'owner-unreachable': entry(
		'The n8n process that holds this number did not answer in time.',
		'Run it again; a message already sent is not sent twice.',
		'later',
		false,
	),
	cancelled: entry('The execution was cancelled.', 'Nothing to do.', 'later'),
	unexpected: entry(
		'Something unexpected went wrong.',
		'Run it again; if it stays so, report it with the log of n8n.',
		'later',
		false,
	),
} as const satisfies Record<string, ErrorEntry>;
