/** Reads the text that a phone's Export Chat writes, in any language. Pure. */
import type { MessageKind } from '../../wa/kinds';
import { localOf, orderOf, plain, stampOf, type DateOrder, type Local, type Stamp } from './dates';

export interface ExportedMessage {
	/** Wall clock time of the phone that exported it. */
	at: Local;
	author: string;
	text: string;
	kind: MessageKind;
	/** Name of an attached file. */
	fileName?: string;
	edited: boolean;
}

export interface Exported {
	messages: ExportedMessage[];
	/** Lines without an author: somebody joined, a number changed and the like. */
	notices: number;
	order: DateOrder;
}

interface Entry {
	stamp: Stamp;
	/** What follows the time, with all its lines. */
	body: string;
	/** The mark that newer phones put before what they write themselves. */
	marked: boolean;
}

const MARK = '\u200e';

/** @param order the order of day and month, found out when absent */
export function readExported(text: string, order?: DateOrder): Exported {
	const entries: Entry[] = [];
	for (const raw of text.split(/\r\n|\n|\r/)) {
		const line = plain(raw);
		const found = stampOf(line);
		if (found) {
			const body = line.slice(found.end);
			entries.push({ stamp: found.stamp, body, marked: isMarked(raw) });
		} else {
			const last = entries.at(-1);
			// Before the first time there is nothing; afterwards it is a further line of a message.
			if (last) last.body += `\n${line}`;
		}
	}
	const by = order ?? orderOf(entries.map(({ stamp }) => stamp));
	const messages: ExportedMessage[] = [];
	let notices = 0;
	for (const entry of entries) {
		const message = messageOf(entry, by);
		if (message) messages.push(message);
		else notices += 1;
	}
	return { messages, notices, order: by };
}

/** The mark stands after the author's colon. */
const isMarked = (raw: string): boolean => /:\s?\u200e/.test(raw) && raw.includes(MARK);

const LONGEST_NAME = 100;

function messageOf({ stamp, body, marked }: Entry, order: DateOrder): ExportedMessage | undefined {
	const at = localOf(stamp, order);
	const colon = body.indexOf(': ') >= 0 ? body.indexOf(': ') : body.search(/:\n|:$/);
	if (!at || colon <= 0 || colon > LONGEST_NAME) return undefined;
	const author = body.slice(0, colon).replace(/^~\s?/, '').trim();
	// A subject or description in quotes: a notice that happens to have a colon.
	if (author === '' || /["“”„«»「」\n]/.test(author)) return undefined;
	const said = body
		.slice(colon + 1)
		.replace(/^ /, '')
		.trimEnd();
	return { at, author, ...contentOf(said, marked) };
}

const NAME = '[^<>:"/\\\\|?*\\n]{1,120}\\.[A-Za-z0-9]{2,5}';
/** `<attached: PHOTO.jpg>` of iPhones, `IMG.jpg (file attached)` of Android, caption after it. */
const ATTACHED = new RegExp(`^<[^<>:\\n]{2,40}:\\s?(${NAME})>\\s?([\\s\\S]*)$`);
const ATTACHED_ANDROID = new RegExp(`^(${NAME}) \\([^()\\n]{2,60}\\)\\n?([\\s\\S]*)$`);
/** `<Media omitted>` in whichever language; iPhones write `image omitted` after a mark. */
const OMITTED = /^<[^<>\n]{3,40}>$/;
const EDITED = /\s?<[^<>\n]{4,60}>$/;

function contentOf(
	said: string,
	marked: boolean,
): Pick<ExportedMessage, 'text' | 'kind' | 'fileName' | 'edited'> {
	const attached = ATTACHED.exec(said) ?? ATTACHED_ANDROID.exec(said);
	if (attached) {
		const [, fileName = '', caption = ''] = attached;
		return { kind: kindOfFile(fileName), fileName, text: caption.trim(), edited: false };
	}
	if (OMITTED.test(said) || (marked && said.length < 40 && !said.includes('\n'))) {
		return { kind: kindOfWords(said), text: '', edited: false };
	}
	const edited = EDITED.test(said) && said.replace(EDITED, '') !== '';
	return { kind: 'text', text: edited ? said.replace(EDITED, '') : said, edited };
}

function kindOfFile(name: string): MessageKind {
	if (/(^|-)(PTT|AUDIO)|\.opus$/i.test(name)) return 'voice';
	if (/\.(jpe?g|png|heic)$/i.test(name)) return 'image';
	if (/\.webp$/i.test(name)) return 'sticker';
	if (/(^|-)GIF/i.test(name)) return 'gif';
	if (/\.(mp4|mov|3gp)$/i.test(name)) return 'video';
	if (/\.(mp3|m4a|aac|ogg|amr|wav)$/i.test(name)) return 'audio';
	if (/\.vcf$/i.test(name)) return 'contact';
	return 'file';
}

/** What was left out is said in the phone's language; a few words are alike in many. */
function kindOfWords(said: string): MessageKind {
	if (/gif/i.test(said)) return 'gif';
	if (/sticker/i.test(said)) return 'sticker';
	if (/v[ií]d[eé]o/i.test(said)) return 'video';
	if (/audio|ljud|ääni|zvuk/i.test(said)) return 'voice';
	if (/image|imag|bild|foto|photo|afbeelding/i.test(said)) return 'image';
	return 'file';
}
