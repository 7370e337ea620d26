/** The one reader of the trigger's parameters. */
import type { IExecuteFunctions, ITriggerFunctions } from 'n8n-workflow';
import type { LinkedEvent } from '../../src/events';

export interface TriggerSettings {
	events: ReadonlySet<string>;
	/** Where the next event of a chat waits: for the start or the end of the one before. */
	next: 'start' | 'end';
	rerun: boolean;
	maxInFlight: number;
	/** Events older than this at delivery are skipped, in milliseconds. */
	catchUpMs: number;
	chats: 'all' | 'direct' | 'groups';
	ignoreOwn: boolean;
}

const DAY_MS = 24 * 60 * 60_000;

export function readSettings(context: ITriggerFunctions | IExecuteFunctions): TriggerSettings {
	const get = (name: string, fallback: unknown): unknown =>
		'emit' in context
			? context.getNodeParameter(name, fallback)
			: (context as IExecuteFunctions).getNodeParameter(name, 0, fallback);
	const options = get('options', {}) as Record<string, unknown>;
	const events = get('events', ['message.received']);
	const number = (name: string, fallback: number, least: number, most: number) => {
		const value = Number(options[name] ?? fallback);
		return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : fallback;
	};
	const chats = get('chats', 'all');
	return {
		events: new Set(Array.isArray(events) ? events.map(String) : []),
		next: options.next === 'end' ? 'end' : 'start',
		rerun: options.rerun !== false,
		maxInFlight: number('maxInFlight', 5, 1, 100),
		catchUpMs: number('catchUpHours', 24, 0, 24 * 30) * (DAY_MS / 24),
		chats: chats === 'direct' || chats === 'groups' ? chats : 'all',
		ignoreOwn: true,
	};
}

/** Whether an event should start an execution. Pure. */
export function wants(settings: TriggerSettings, event: LinkedEvent, now: number): boolean {
	if (!settings.events.has(event.event)) return false;
	if (settings.chats === 'direct' && event.isGroup) return false;
	if (settings.chats === 'groups' && !event.isGroup) return false;
	const age = now - Date.parse(event.timestamp);
	return !(age > settings.catchUpMs);
}
