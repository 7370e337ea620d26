import type { IExecuteFunctions, ITriggerFunctions } from 'n8n-workflow';
import { settingsFor, type AccountSettings } from '../../src/runtime';

/** The settings of the trigger's credential, as they are now. */
export async function account(
	context: ITriggerFunctions | IExecuteFunctions,
): Promise<AccountSettings> {
	return await settingsFor(context);
}

/** Names this trigger among all that listen to the number. */
export function triggerName(context: ITriggerFunctions | IExecuteFunctions): string {
	return `${context.getWorkflow().id ?? ''}/${context.getNode().id}`;
}
