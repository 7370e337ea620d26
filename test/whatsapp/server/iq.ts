/** Queries: one handler per namespace, registered in iq/index.ts. */
import type { BinaryNode } from '../contract';
import type { Device } from './accounts';
import { SERVER } from './jids';
import { children, el } from './nodes';
import type { Pairing } from './pairing';
import type { Service } from './service';
import type { Sessions } from './sessions';

export interface IqRequest {
	readonly service: Service;
	readonly sessions: Sessions;
	readonly pairing: Pairing;
	/** Who asks. */
	readonly device: Device;
	readonly node: BinaryNode;
	readonly type: 'get' | 'set';
	/** The first child, which says what is asked; an empty node when there is none. */
	readonly ask: BinaryNode;
	/** Runs when the result has been sent. */
	afterAnswer(task: () => void): unknown;
}

/** The content of the result. */
export type IqAnswer = BinaryNode[];
export type IqHandler = (request: IqRequest) => IqAnswer;

/** Makes the query fail as the service would say it. */
export class IqError extends Error {
	constructor(
		readonly code: number,
		text: string,
	) {
		super(text);
	}
}

/** Runs the handler of the query's namespace; what nobody knows is an item-not-found. */
export function answerIq(
	table: Readonly<Record<string, IqHandler>>,
	request: Omit<IqRequest, 'type' | 'ask' | 'afterAnswer'>,
): void {
	const { node, device, service } = request;
	const { id, type, xmlns, to } = node.attrs;
	const from = to === undefined || to.startsWith('@') ? SERVER : to;
	const reply = (answerType: string, content: BinaryNode[]) =>
		device.online?.send(el('iq', { from, id, type: answerType }, content));
	const after: Array<() => void> = [];
	const afterAnswer = (task: () => void) => after.push(task);
	const fault = service.faults.takeQueryFault(node);
	if (fault) {
		if (fault.code !== undefined) {
			reply('error', [el('error', { code: fault.code, text: 'refused by a test' })]);
		}
		return;
	}
	const handler = table[xmlns ?? ''];
	try {
		if (!handler) throw new UnknownQuery();
		const ask = children(node)[0] ?? el('none');
		const kind = type === 'set' ? 'set' : 'get';
		reply('result', handler({ ...request, type: kind, ask, afterAnswer }));
		for (const task of after) task();
	} catch (error) {
		if (error instanceof UnknownQuery) service.recorder.unknown(node);
		const known = error instanceof IqError ? error : undefined;
		if (!known) service.recorder.failure(error);
		reply('error', [
			el('error', { code: known?.code ?? 500, text: known?.message ?? 'internal-server-error' }),
		]);
	}
}

/** A query that the stand-in does not know: recorded, so that gaps are seen. */
export class UnknownQuery extends IqError {
	constructor() {
		super(404, 'item-not-found');
	}
}
