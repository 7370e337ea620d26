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

## What every event has

| Field | Meaning |
| --- | --- |
| \`event\` | Its name |
| \`id\` | Unique within the number, the same at every delivery |
| \`timestamp\` | When it happened, ISO |
| \`chat\` | Where to answer: put it into a Chat field. Null for events of the account |
| \`chatName\` | Name of the person, group or channel, where known |
| \`isGroup\` | Whether the chat is a group |
| \`from\` | Who did it: a person, or null |
| \`fromContact\` | Whether that person is in the address book of the phone |
| \`fromMe\` | Whether the owner of the number did it |
| \`to\` | The other side of a direct chat; null in groups and without a chat |
| \`messageId\` | WhatsApp's id of the message it is about |
| \`text\` | Text, caption, question or choice; null where there is none |

A person is \`{ id, lid, phone, name, username }\`; \`phone\` is null where WhatsApp does not tell the number.
A LID is never a phone number.

## What messages have beside it

| Field | Meaning |
| --- | --- |
| \`kind\` | \`text\`, \`image\`, \`video\`, \`voice\`, \`audio\`, \`file\`, \`sticker\`, \`contact\`, \`location\`, \`poll\` and others; \`unsupported\` when it is newer than this version |
| \`media\` | \`{ kind, mimeType, size, seconds, fileName, caption, width, height, downloadable, viewOnce }\`, or null |
| \`quoted\` | What it answers: \`{ id, from, fromMe, chat, kind, text, media }\`, or null |
| \`mentions\`, \`mentionsMe\` | The people it mentions; whether this number (or everybody) is among them |
| \`repliesToMe\` | Whether it answers a message of this number |
| \`offline\` | Whether it came while the number was not connected |

Some kinds have more, for example \`location\`, \`contacts\`, \`poll\`, \`calendarEvent\`, \`link\`, \`choice\`,
\`product\` and \`order\`. With **Download Media** the file is in the binary field \`data\` (or the one you name); where that fails, the
item has \`mediaError\` with \`code\`, \`message\` and \`next\`. With **Raw Message** the message is added as
WhatsApp sent it, in \`raw\`.`;

/** The whole page. */
export function eventsPage(): string {
	const sections = [...EVENTS]
		.sort((a, b) => a.label.localeCompare(b.label))
		.map(({ name, label, description, sample, onDemand }) =>
			[
				`## ${label}`,
				`\`${name}\`: ${description}.`.replace(/\.\.$/, '.'),
				...(onDemand ? ['It is stored only while an active trigger asks for it.'] : []),
				['```json', JSON.stringify(sample, null, 2), '```'].join('\n'),
			].join('\n\n'),
		);
	return `${[HEAD, ...sections].join('\n\n')}\n`;
}

if (require.main === module) writeFileSync(EVENTS_PAGE, eventsPage());
