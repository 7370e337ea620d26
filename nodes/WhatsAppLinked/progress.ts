/**
 * How far a long run is. While a node runs, n8n's editor shows nothing of it but what the node says to
 * the browser's console; so it is said there, in manual executions, and in n8n's log. What came of many
 * items stands above the output afterwards.
 */
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Step } from '../../src/operations';
import { runtime } from '../../src/runtime';

/** Short runs say nothing. */
const FIRST_MS = 3_000;
const EDITOR_MS = 3_000;
const LOG_MS = 10_000;
const MEGA = 1024 * 1024;

export class Progress {
	private readonly started = Date.now();
	private readonly told = { editor: 0, log: 0 };
	private item = 0;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly items: number,
	) {}

	/** These items are done. */
	next(item: number): void {
		this.item = item;
		if (item > 0) this.say(`${item} of ${this.items} items done`);
	}

	/** This much of what is done for the present item. */
	step({ doing, done, of, unit }: Step): void {
		const [size, name] = unit === 'bytes' ? [MEGA, 'MB'] : [1, unit];
		const share = of ? ` of ${Math.round(of / size)}` : '';
		const percent = of ? ` (${Math.floor((100 * done) / of)} %)` : '';
		const item = this.items > 1 ? `Item ${this.item + 1} of ${this.items}: ` : '';
		this.say(`${item}${doing}, ${Math.floor(done / size)}${share} ${name}${percent}`);
	}

	private say(text: string): void {
		const now = Date.now();
		if (now - this.started < FIRST_MS) return;
		if (now - this.told.editor >= EDITOR_MS) {
			this.told.editor = now;
			this.context.sendMessageToUI(text);
		}
		if (now - this.told.log >= LOG_MS) {
			this.told.log = now;
			const { id } = this.context.getWorkflow();
			runtime().log.info(text, { workflow: id ?? '', node: this.context.getNode().name });
		}
	}

	/** Says above the output when not all of many messages went out. */
	sum(output: readonly INodeExecutionData[]): void {
		if (this.items < 2) return;
		const count = (wanted: (json: INodeExecutionData['json']) => boolean) =>
			output.filter(({ json }) => wanted(json)).length;
		const parts = [
			[count(({ status }) => status === 'rejected'), 'rejected by WhatsApp'],
			[count(({ status }) => status === 'unknown'), 'without an answer of WhatsApp'],
			[count(({ error, code }) => Boolean(error) && Boolean(code)), 'failed'],
		] as const;
		const bad = parts.filter(([number]) => number > 0);
		if (bad.length === 0) return;
		const what = bad.map(([number, how]) => `${number} ${how}`).join(', ');
		this.context.addExecutionHints({
			message: `Of ${this.items} items: ${what}. Each says why in its output.`,
			type: 'warning',
			location: 'outputPane',
		});
	}
}
