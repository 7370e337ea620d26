/**
 * A process of n8n that sends one message, to be killed: `node --import tsx sendingProcess.ts`, told
 * what to do in SEND (JSON of SendingJob). Writes one line of JSON for each thing that happens.
 */
import { silentLog } from '../../src/log';
import type { JsonObject } from '../../src/operations';
import { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';

export interface SendingJob {
	account: AccountSettings;
	operation: string;
	params: JsonObject;
	idempotencyKey: string;
}

const say = (line: JsonObject) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
	const { account, operation, params, idempotencyKey } = JSON.parse(
		process.env.SEND ?? '{}',
	) as SendingJob;
	const runtime = new Runtime(undefined, silentLog);
	const result = await runtime.use(account, async (number) => {
		await number.session.waitFor(({ name }) => name === 'open', 20_000);
		say({ state: 'open' });
		return await number.submit({
			operation,
			params,
			idempotencyKey,
			deadline: Date.now() + 60_000,
		});
	});
	say({ result: result as JsonObject });
	await runtime.close();
}

// Baileys leaves timers behind that would hold the process.
void main().then(
	() => process.exit(0),
	(error: unknown) => {
		say({ error: String(error) });
		process.exit(1);
	},
);
