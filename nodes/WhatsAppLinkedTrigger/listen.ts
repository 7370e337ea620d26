import type { IRun, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { checkInstalled, runtime, type Listener } from '../../src/runtime';
import { account, triggerName } from './account';
import { attend } from './attend';
import { awaiting, outcomeOf } from './ends';
import { fits, interestOf, readSettings } from './settings';
import { TriggerError } from './triggerError';

/** Listens until closed. Returns soon, whether the number is linked and online or not. */
export async function listen(context: ITriggerFunctions): Promise<ITriggerResponse> {
	let listener: Listener | undefined;
	try {
		const settings = readSettings(context);
		const credential = async () => await account(context);
		listener = runtime().listen(credential, {
			trigger: triggerName(context),
			wants: (event) => fits(settings, event, Date.now()),
			async emit(_first, batch) {
				// Without its node types n8n could only fail: the events wait.
				checkInstalled();
				const done = context.helpers.createDeferredPromise<IRun>();
				const leave = attend(
					credential,
					settings,
					batch.map(({ event }) => event),
				);
				try {
					const tickets = batch.map(({ ticket }) => ticket);
					const run = await awaiting(tickets, async () => {
						context.emit([tickets.map((ticket) => ({ json: { ...ticket } }))], undefined, done);
						return await done.promise;
					});
					return outcomeOf(run, context.getNode().name);
				} finally {
					leave();
				}
			},
			maxInFlight: settings.maxInFlight,
			next: settings.next,
			rerun: settings.rerun,
			batchMs: settings.batchMs,
			interest: interestOf(settings),
		});
		await listener.started();
	} catch (error) {
		await listener?.close();
		throw new TriggerError(context.getNode(), LinkedError.from(error));
	}
	const listening = listener;
	return {
		closeFunction: async () => {
			await listening.close();
			await runtime().settled();
		},
	};
}
