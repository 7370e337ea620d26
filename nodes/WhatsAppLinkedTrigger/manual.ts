import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { runtime } from '../../src/runtime';
import { account } from './account';
import { readSettings, wants } from './settings';
import { TriggerError } from './triggerError';

/** Execute Step in the editor: the latest stored event that fits, at once, or the next one. */
export async function nextEvent(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	try {
		const settings = readSettings(context);
		const envelope = await runtime().nextEvent(
			await account(context),
			// The age limit is for catching up; an example may be older.
			(event) => wants({ ...settings, catchUpMs: Number.POSITIVE_INFINITY }, event, Date.now()),
			context.getExecutionCancelSignal() ?? new AbortController().signal,
		);
		return envelope ? [{ json: envelope.event as unknown as IDataObject }] : [];
	} catch (error) {
		throw new TriggerError(context.getNode(), LinkedError.from(error));
	}
}
