import type { IRun, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { runtime } from '../../src/runtime';
import { account, triggerName } from './account';
import { readSettings, wants } from './settings';
import { TriggerError } from './triggerError';

/** Listens until closed. Returns soon, whether the number is linked and online or not. */
export async function listen(context: ITriggerFunctions): Promise<ITriggerResponse> {
	const settings = readSettings(context);
	const listener = runtime().listen(async () => await account(context), {
		trigger: triggerName(context),
		wants: (event) => wants(settings, event, Date.now()),
		async emit(ticket) {
			const done = context.helpers.createDeferredPromise<IRun>();
			context.emit([[{ json: { ...ticket } }]], undefined, done);
			await done.promise;
		},
		maxInFlight: settings.maxInFlight,
		next: settings.next,
		rerun: settings.rerun,
	});
	try {
		await listener.started();
	} catch (error) {
		await listener.close();
		throw new TriggerError(context.getNode(), LinkedError.from(error));
	}
	return {
		closeFunction: async () => {
			await listener.close();
			await runtime().settled();
		},
	};
}
