/** Effects on messages as changes in storage, and what the list of chats learns of what became of them. */
import type { Change, Kept } from '../storage/historyRole';
import type { Baileys } from '../baileys';
import type { Directory } from './directory';
import type { Effect } from './effects';
import { flagsOf, pack, unpack, type Item } from './item';
import { saidIn } from './project';
import type { LastMessage } from './types';
import type { KeyedWords } from './words';

/** So much of a text the list of chats shows. */
const SHOWN = 100;

export type MessageEffect = Extract<Effect, { id: string }>;

/** What became of a message. */
export interface Outcome {
	/** Set once the change was made, be it committed or not. */
	made?: boolean;
	/** The list of chats knows. */
	told?: boolean;
	before?: Item;
	after?: Item | null;
}

export interface OutcomesDeps {
	words: KeyedWords;
	directory: Directory;
	baileys: Baileys;
}

export class Outcomes {
	constructor(private readonly deps: OutcomesDeps) {}

	/** The change that an effect makes in storage; what came of it is noted in the outcome. */
	changeOf(
		{ chat, id, change }: Pick<MessageEffect, 'chat' | 'id' | 'change'>,
		outcome: Outcome,
	): Change {
		const { words, baileys } = this.deps;
		return {
			chat,
			id,
			step: (kept: Kept | undefined) => {
				const before = kept && unpack(kept.body);
				const after = change(before);
				Object.assign(outcome, { made: true, before, after });
				if (!after) return after;
				const same = before && before.content === after.content && before.at === after.at;
				const keeps = same && before.early === after.early && before.deleted === after.deleted;
				const about = {
					chat,
					from: after.fromMe ? '' : (after.from ?? chat),
					quotes: after.quotes,
				};
				const texts = () => (after.content ? saidIn(after.content, baileys.proto).texts : []);
				return {
					second: Math.floor(after.at / 1_000),
					flags: flagsOf(after),
					body: pack(after),
					words: keeps ? undefined : after.early ? '' : words.index(texts(), about),
				};
			},
		};
	}

	/** The list of chats shows the last message, and how many are unread. Once for each that was made. */
	tell({ chat, id, live }: MessageEffect, outcome: Outcome): void {
		const { before, after } = outcome;
		if (!outcome.made || outcome.told) return;
		outcome.told = true;
		const { directory } = this.deps;
		if (after === null && before) directory.forgot(chat, id);
		// Told again: a former process may have kept the message and not come to this.
		if (after === undefined && before && !before.early && directory.isNews(chat, before.at)) {
			directory.arrived(chat, this.shown(id, before), false);
		}
		if (!after || after.early) return;
		if (after.expiresAt !== undefined) directory.disappearing(chat, true);
		const shown = this.shown(id, after);
		if (before && !before.early) directory.changed(chat, shown);
		else directory.arrived(chat, shown, live === true);
	}

	private shown(id: string, { at, fromMe, kind, content }: Item): LastMessage {
		const text = content ? saidIn(content, this.deps.baileys.proto).text : null;
		// Short enough however many units its characters have.
		const isShort = text === null || text.length <= SHOWN;
		return { id, at, fromMe, kind, text: isShort ? text : [...text].slice(0, SHOWN).join('') };
	}
}
