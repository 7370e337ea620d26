/** Writes what happens on the number, as hear.ts makes it out, into the book. */
import type { Happenings } from '../events/types';
import { isGroup } from '../wa/ids';
import type { Clock } from '../clock';
import type { Book } from './book';
import { contentFacts } from './content';
import { heard, type Heard } from './hear';
import type { Ask } from './types';

/** People at once, when the history of a phone comes in. */
const AT_ONCE = 500;

export interface TakeInDeps {
	book: Book;
	known: {
		pairOf(jid: string): string | undefined;
		isMe(jid: string): boolean;
		isSaved(jid: string): boolean;
	};
	/** Whether n8n sent the message with this id itself. */
	isOurs(id: string): boolean;
	clock: Clock;
}

export class TakeIn {
	constructor(private readonly deps: TakeInDeps) {}

	/** What of it has to be written down; undefined for most of what happens. */
	of(happened: Partial<Happenings>): (() => Promise<void>) | undefined {
		const { book, known, isOurs, clock } = this.deps;
		const all = heard(happened, {
			pairOf: (jid) => known.pairOf(jid),
			isMe: (jid) => known.isMe(jid),
			isOurs: (id) => isOurs(id),
			now: () => clock.now(),
		});
		const linked = happened['connection.update']?.isNewLogin === true;
		if (all.length === 0 && !linked) return undefined;
		return async () => {
			if (linked) book.linked();
			for (let at = 0; at < all.length; at += AT_ONCE) await this.hear(all.slice(at, at + AT_ONCE));
		};
	}

	private async hear(all: readonly Heard[]): Promise<void> {
		const { people } = this.deps.book;
		await people.loadAll(all);
		for (const each of all) {
			const person = await people.load(each.jid, each.other);
			switch (each.what) {
				case 'wrote':
				case 'wroteBefore':
					this.deps.book.wrote(
						each.jid,
						person,
						each.at,
						each.what === 'wrote',
						!isGroup(each.jid),
					);
					break;
				case 'written':
					this.written(each, person);
					break;
				case 'writtenBefore':
					if (each.at <= person.outAt) break;
					person.outAt = each.at;
					people.changed(each.jid, person);
					break;
				case 'trusts':
				case 'member': {
					const field = each.what === 'member' ? 'member' : 'established';
					if (person[field]) break;
					person[field] = true;
					people.changed(each.jid, person);
				}
			}
		}
	}

	/** Somebody wrote on the phone: WhatsApp counts that like everything else. */
	private written({ jid, at, message }: Heard, person: Parameters<Book['wrote']>[1]): void {
		const id = message?.key.id ?? '';
		if (person.lastIds.includes(id)) return;
		const ask: Ask = {
			chat: 'person',
			saved: this.deps.known.isSaved(jid),
			act: contentFacts(message?.message ?? undefined).act,
			sameText: [],
		};
		this.deps.book.send({ jid, person, ask, id, byPhone: true }, at).sent('accepted');
	}
}
