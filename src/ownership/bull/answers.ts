/**
 * Where this process hears the answers to what it asked: one stream for the whole process, so that
 * many numbers cost it one connection and no answer goes to a process that did not ask.
 */
import { QueueEvents, type QueueEventsListener } from 'bullmq';
import { errorName, type Log } from '../../log';
import { queueName, type Wires } from './wires';

export interface AnswerEvent {
	id: string;
	answer: string;
}

export interface AnswerListener extends QueueEventsListener {
	answer: (event: AnswerEvent, id: string) => void;
}

export class Answers {
	/** The name that owners answer to. */
	readonly name: string;
	private readonly waiting = new Map<string, (answer: string) => void>();
	private events?: QueueEvents;

	constructor(
		process: string,
		private readonly wires: Wires,
		private readonly log: Log,
	) {
		this.name = queueName('process', process);
	}

	/** Call before asking: the answer may be fast. `letter` never rejects. */
	expect(id: string): { letter: Promise<string>; forget(): void } {
		this.listen();
		const letter = new Promise<string>((resolve) => this.waiting.set(id, resolve));
		return { letter, forget: () => void this.waiting.delete(id) };
	}

	async close(): Promise<void> {
		await this.events?.close();
	}

	private listen(): void {
		if (this.events) return;
		this.events = new QueueEvents(this.name, {
			connection: this.wires.calm.bull,
			prefix: this.wires.prefix,
			skipVersionCheck: true,
			// The name is of this process alone, so all there will ever be is for us. Beginning with
			// "new ones" would miss what comes between two reads.
			lastEventId: '0-0',
		});
		this.events.on('error', (error) => {
			this.log.debug('answers cannot be read', { error: errorName(error) });
		});
		this.events.on<AnswerListener, 'answer'>('answer', ({ id, answer }) => {
			this.waiting.get(id)?.(answer);
		});
	}
}
