/**
 * Labels of WhatsApp Business (on other phones the custom lists, which travel as labels, too) and what
 * they are on, as the app state tells. Only changes are told, so all of it is kept: a fact for each
 * label and for each thing that has one.
 */
import type { BaileysEventMap } from '@whiskeysockets/baileys';
import type { Sealer } from '../auth';
import { errorName, type Log } from '../log';
import type { Facts } from '../storage/roles';

export interface Label {
	id: string;
	name: string;
	/** 0 to 19, an index into the phone's palette. */
	color: number | null;
}

/** Where a label is. */
export interface Labelled {
	label: string;
	/** Address of the chat. */
	chat: string;
	/** Only for a message. */
	message: string | null;
}

/** Beginnings of names. */
export const LABEL = 'label:';
export const LABELLED = 'labelled:';
const AT_ONCE = 500;

type Events = Partial<Pick<BaileysEventMap, 'labels.edit' | 'labels.association'>>;

export class Labels {
	/** One write after another: the last word counts. */
	private turn: Promise<void> = Promise.resolve();

	constructor(private readonly deps: { facts: Facts; sealer: Sealer; log: Log }) {}

	/** Learns from one batch of Baileys' events. */
	take(events: Events): Promise<void> | undefined {
		const edit = events['labels.edit'];
		const association = events['labels.association'];
		if (!edit && !association) return undefined;
		const { log } = this.deps;
		this.turn = this.turn
			.then(async () => {
				if (edit) await this.edited(edit);
				if (association) await this.associated(association);
			})
			.catch((error: unknown) =>
				log.warn('a label could not be kept', { error: errorName(error) }),
			);
		return this.turn;
	}

	/** All labels, by name. Waits for what is being learned. */
	async all(): Promise<Label[]> {
		await this.turn;
		const found: Label[] = [];
		for await (const names of this.pages(LABEL)) {
			const values = await this.deps.facts.getMany(names);
			for (const [index, value] of values.entries()) {
				if (value) found.push(this.open(names[index] ?? '', value));
			}
		}
		return found.sort((a, b) => a.name.localeCompare(b.name));
	}

	/** What has labels; of one label only when it is named. */
	async on(label?: string): Promise<Labelled[]> {
		await this.turn;
		const found: Labelled[] = [];
		const prefix = label === undefined ? LABELLED : `${LABELLED}${encodeURIComponent(label)} `;
		for await (const names of this.pages(prefix)) found.push(...names.map(read));
		return found;
	}

	private async edited({
		id,
		name,
		color,
		deleted,
	}: BaileysEventMap['labels.edit']): Promise<void> {
		const { facts, sealer } = this.deps;
		if (deleted) {
			const gone = [LABEL + id];
			for await (const names of this.pages(LABELLED)) {
				gone.push(...names.filter((each) => read(each).label === id));
			}
			await facts.delete(gone);
			return;
		}
		const label: Label = { id, name, color: typeof color === 'number' ? color : null };
		await facts.set(LABEL + id, sealer.seal(LABEL + id, Buffer.from(JSON.stringify(label))));
	}

	private async associated({
		association,
		type,
	}: BaileysEventMap['labels.association']): Promise<void> {
		const { labelId, chatId } = association;
		const name = nameOf(labelId, chatId, 'messageId' in association ? association.messageId : null);
		if (type === 'add') await this.deps.facts.set(name, Buffer.of(1));
		else await this.deps.facts.delete([name]);
	}

	private open(name: string, value: Uint8Array): Label {
		const bytes = this.deps.sealer.open(name, value);
		return JSON.parse(Buffer.from(bytes).toString('utf8')) as Label;
	}

	private async *pages(prefix: string): AsyncIterable<string[]> {
		let names: string[] = [];
		for await (const name of this.deps.facts.keys(prefix)) {
			names.push(name);
			if (names.length < AT_ONCE) continue;
			yield names;
			names = [];
		}
		if (names.length > 0) yield names;
	}
}

const nameOf = (label: string, chat: string, message: string | null) =>
	LABELLED + [label, chat, message ?? ''].map(encodeURIComponent).join(' ');

function read(name: string): Labelled {
	const [label = '', chat = '', message = ''] = name
		.slice(LABELLED.length)
		.split(' ')
		.map(decodeURIComponent);
	return { label, chat, message: message || null };
}
