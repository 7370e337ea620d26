/**
 * Writes docs/troubleshooting.md from the catalogue of errors: `node --import tsx scripts/docs-errors.ts`.
 * test/unit/docs-errors.test.ts fails when the page is not current.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, type Retry } from '../src/errors';

export const ERRORS_PAGE = join(__dirname, '../docs/troubleshooting.md');

const AGAIN: Record<Retry, string> = {
	later: 'later',
	relink: 'after linking',
	never: 'after a change',
};

const INTRODUCTION = `# When something does not work

## Nothing arrives

Run **Session > Get Status** with the credential in question. It says in one look:

| It says | Then |
| --- | --- |
| \`state: open\`, and the trigger is under \`triggers\` | The number is connected. Look at the filters of the trigger, at \`catchUpHours\` for old messages, and at **Executions** in n8n. |
| \`state: open\`, and the trigger is not there | The workflow is not published, or runs in an n8n with another storage. |
| \`state: waiting\` | The connection is down and comes back by itself at \`nextTry\`; \`error\` says why it went. |
| \`state: stopped\` | Only a person can help; \`error.next\` says how. |
| \`state: unlinked\` | Open the credential and link the number. |
| \`undecryptable\` or \`givenUp\` grows | Messages could not be decrypted. They are asked for again by themselves; what is given up becomes the event _Message: Undecryptable_. Open WhatsApp on the phone once. |

## The credential test

- **The QR code looks broken.** The window is too narrow or too low for it, or the theme is dark: zoom out
  with Ctrl and minus, switch to the light theme, or fill in **Phone Number** and type the code instead.
- **The phone says that it could not link.** The code was too old: press Retry and scan the new one. Four
  devices can be linked to a number; unlink one under Linked devices.
- **It stays red after scanning.** Press Retry: the test shows what the connection is now.

## Messages

- **"Waiting for this message" at the recipient.** It goes away by itself in most cases, because the
  recipient's phone asks again and n8n answers. n8n has to be running for that.
- **Nothing is received for a message that was accepted.** \`accepted\` is WhatsApp's word that it has the
  message. One grey tick on the recipient's side means that the phone is off.
- **A link shows no preview.** n8n makes it before sending, within six seconds, and only from public addresses.
  For pages of an intranet name their hosts where n8n runs:
  \`WHATSAPP_LINKED_PREVIEW_HOSTS=wiki.example.internal,10.0.0.5:8080\`.
- **463.** WhatsApp does not let this number write to this person for now. See [Safety](safety.md). Do not
  repeat it.

## All errors

Each error of the nodes ends with its code. _Again_ says when the same thing may work.
`;

const cell = (text: string): string => text.replace(/\|/g, '\\|');

/** The whole page. */
export function errorsPage(): string {
	const rows = Object.entries(CATALOGUE).map(
		([code, { what, next, retry }]) =>
			`| \`${code}\` | ${cell(what)} | ${cell(next)} | ${AGAIN[retry]} |`,
	);
	const head = ['| Code | What happened | What to do | Again |', '| --- | --- | --- | --- |'];
	return `${INTRODUCTION}\n${[...head, ...rows].join('\n')}\n`;
}

if (require.main === module) writeFileSync(ERRORS_PAGE, errorsPage());
