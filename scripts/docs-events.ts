/**
 * Writes docs/events.md from the event registry: `node --import tsx scripts/docs-events.ts`.
 * test/unit/docs-events.test.ts fails when the page is not current.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS } from '../src/events';

export const EVENTS_PAGE = join(__dirname, '../docs/events.md');

const HEAD = `# Events

Everything that the **WhatsApp Linked Device Trigger** can start a workflow on. This page is made from the
definitions in \`src/events\`; change it there.

Every event has these fields: \`event\` (its name), \`id\` (the same at every delivery), \`timestamp\` (ISO),
\`chat\` (where to answer: put it into a Chat field), \`chatName\`, \`isGroup\`, \`from\` (a person), \`fromMe\`,
\`messageId\` and \`text\`. A person is \`{ id, lid, phone, name, username }\`; \`phone\` is null where WhatsApp
does not tell the number. With the option **Raw** the message is added as WhatsApp sent it.`;

/** The whole page. */
export function eventsPage(): string {
	const sections = [...EVENTS]
		.sort((a, b) => a.label.localeCompare(b.label))
		.map(({ name, label, description, sample }) =>
			[
				`## ${label}`,
				`\`${name}\`: ${description}.`.replace(/\.\.$/, '.'),
				['```json', JSON.stringify(sample, null, 2), '```'].join('\n'),
			].join('\n\n'),
		);
	return `${[HEAD, ...sections].join('\n\n')}\n`;
}

if (require.main === module) writeFileSync(EVENTS_PAGE, eventsPage());
