import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { readTicket, runtime } from '../../src/runtime';
import { noteOrigin } from '../WhatsAppLinked/origin';
import { account } from './account';
import { isAwaited, onEnd } from './ends';
import { present } from './present';
import { readSettings } from './settings';
import { TriggerError } from './triggerError';

/** Runs inside a production execution: turns tickets into events, each in one execution only. */
export async function claimItems(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	try {
		const credential = await account(context);
		const settings = readSettings(context);
		const output: INodeExecutionData[] = [];
		noteOrigin(
			context,
			context.getInputData().flatMap(({ json }) => readTicket(json) ?? []),
		);
		for (const { json } of context.getInputData()) {
			const ticket = readTicket(json);
			// Pinned data and the like are passed on as they are.
			if (!ticket) {
				output.push({ json });
				continue;
			}
			const envelope = await runtime().claim(credential, ticket, context.getExecutionId());
			if (!envelope) continue;
			if (!isAwaited(ticket)) onEnd(context, () => void runtime().ended(credential, ticket));
			output.push(await present(context, settings, envelope, credential.proxy));
		}
		return output;
	} catch (error) {
		throw new TriggerError(context.getNode(), LinkedError.from(error));
	}
}
