import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { runtime } from '../../src/runtime';
import { account } from './account';
import { present } from './present';
import { fitsAsExample, interestOf, readSettings } from './settings';
import { TriggerError } from './triggerError';

/** Execute Step in the editor: the latest stored event that fits, at once, or the next one. */
export async function nextEvent(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	try {
		const settings = readSettings(context);
		const credential = await account(context);
		const envelope = await runtime().nextEvent(
			credential,
			(event) => fitsAsExample(settings, event),
			context.getExecutionCancelSignal() ?? new AbortController().signal,
			interestOf(settings),
		);
		return envelope ? [await present(context, settings, envelope, credential.proxy)] : [];
	} catch (error) {
		throw new TriggerError(context.getNode(), LinkedError.from(error));
	}
}
