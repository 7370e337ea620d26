/**
 * Sends a large video from n8n's filesystem binary mode and watches the memory of this process, which
 * is the node's alone: the stand-in runs elsewhere. Told what to do in BIG (JSON of BigFileJob).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { IExecuteFunctions } from 'n8n-workflow';
import { silentLog } from '../../src/log';
import type { JsonObject } from '../../src/operations';
import { findOperation } from '../../src/operations';
import { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import { mp4 } from './mediaFiles';

export interface BigFileJob {
	account: AccountSettings;
	chat: string;
	/** Where to make the file. */
	path: string;
	megabytes: number;
}

const say = (line: JsonObject) => process.stdout.write(`${JSON.stringify(line)}\n`);
const MEGA = 1024 * 1024;

async function main(): Promise<void> {
	const { account, chat, path, megabytes } = JSON.parse(process.env.BIG ?? '{}') as BigFileJob;
	makeVideo(path, megabytes);
	const runtime = new Runtime(undefined, silentLog);
	await runtime.use(account, async (number) => {
		await number.session.waitFor(({ name }) => name === 'open', 20_000);
		// The same, small, before: code that is loaded on first use is no part of the measure.
		await send(number, account, chat, mp4Path(path));
		// What is held counts, not what a busy machine has not got round to collecting.
		const held = () => {
			(globalThis as { gc?: () => void }).gc?.();
			return process.memoryUsage().rss;
		};
		const idle = held();
		let most = idle;
		const watch = setInterval(() => {
			most = Math.max(most, held());
		}, 250);
		const result = await send(number, account, chat, path);
		clearInterval(watch);
		say({ result, idle: idle / MEGA, most: most / MEGA });
	});
}

type Held = Parameters<Parameters<Runtime['use']>[1]>[0];
let commands = 0;

/** As nodes/WhatsAppLinked/runItem.ts does it, with a file of n8n's filesystem mode. */
async function send(
	number: Held,
	settings: AccountSettings,
	chat: string,
	path: string,
): Promise<JsonObject> {
	const submit = async (operation: string, params: JsonObject) =>
		(await number.submit({
			operation,
			params,
			idempotencyKey: `big:${++commands}`,
			deadline: Date.now() + 120_000,
		})) as JsonObject;
	const binary = { id: 'filesystem-v2:file', data: 'filesystem-v2', mimeType: 'video/mp4' };
	const context = {
		getInputData: () => [{ json: {}, binary: { data: binary } }],
		helpers: { getBinaryPath: () => path },
	} as unknown as IExecuteFunctions;
	const operation = findOperation('message.sendVideo')!;
	const source = { from: 'binary', field: 'data' };
	const params = await operation.prepare!(
		{
			context,
			item: 0,
			settings,
			dryRun: false,
			history: number.history,
			ask: submit,
			progress: () => {},
		},
		{ chat, source, options: {} },
	);
	return await submit('message.sendVideo', params);
}

function mp4Path(path: string): string {
	const small = `${path}.small`;
	makeVideo(small, 1);
	return small;
}

/** An index first, then a box of sound and picture that fills the rest. */
function makeVideo(path: string, megabytes: number): void {
	const head = mp4({ bytes: 0 });
	const total = megabytes * MEGA;
	head.writeUInt32BE(total - head.length + 8, head.length - 8);
	const file = openSync(path, 'w');
	writeSync(file, head);
	const part = Buffer.alloc(MEGA, 'moving picture ');
	for (let left = total - head.length; left > 0; left -= part.length) {
		writeSync(file, part.subarray(0, Math.min(left, part.length)));
	}
	closeSync(file);
}

void main().then(
	() => process.exit(0),
	(error: unknown) => {
		say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
		process.exit(1);
	},
);
