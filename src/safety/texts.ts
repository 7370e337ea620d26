/** Who got the same content in the last 24 hours. Only fingerprints are kept, never a text. */
import { createHash } from 'node:crypto';
import type { Shelf } from './shelf';
import { DAY, type TextFacts } from './types';

const REMEMBERED = 1_000;
/** More people than any limit; with limits off it stops growing there. */
const PEOPLE_KEPT = 5_000;

const nameOf = (fingerprint: string) => `text:${fingerprint}`;

/** An address in short, for lists in which only equality matters. */
export const inShort = (jid: string): string =>
	createHash('sha256').update(jid).digest('base64url').slice(0, 8);

export class Texts {
	private readonly known = new Map<string, TextFacts>();

	constructor(private readonly shelf: Shelf) {}

	/** Call before sameText(): reads what a former process has counted. */
	async load(fingerprint: string): Promise<TextFacts> {
		const known = this.known.get(fingerprint);
		if (known) return known;
		const [stored] = await this.shelf.read([nameOf(fingerprint)]);
		const meanwhile = this.known.get(fingerprint);
		if (meanwhile) return meanwhile;
		const text = (stored ?? { people: [] }) as TextFacts;
		this.known.set(fingerprint, text);
		for (const oldest of this.known.keys()) {
			if (this.known.size <= REMEMBERED) break;
			if (this.shelf.isUnwritten(nameOf(oldest))) continue;
			this.known.delete(oldest);
		}
		return text;
	}

	/** When others than this one got it, oldest first. */
	others({ people }: TextFacts, jid: string, now: number): number[] {
		const who = inShort(jid);
		return people.filter((each) => each.who !== who && each.at > now - DAY).map(({ at }) => at);
	}

	/** Notes that somebody gets it; the returned function takes that back. */
	note(fingerprint: string, text: TextFacts, jid: string, at: number): () => void {
		const who = inShort(jid);
		const before = text.people.filter((each) => each.at > at - DAY);
		const entry = { who, at };
		text.people = [...before.filter((each) => each.who !== who), entry].slice(-PEOPLE_KEPT);
		this.save(fingerprint, text);
		return () => {
			text.people = text.people.filter((each) => each !== entry);
			this.save(fingerprint, text);
		};
	}

	forgetAll(): void {
		this.known.clear();
	}

	private save(fingerprint: string, text: TextFacts): void {
		this.shelf.put(nameOf(fingerprint), () => text, DAY);
	}
}
