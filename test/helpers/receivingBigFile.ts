/**
 * Links a number, downloads a large file into n8n's filesystem binary mode and watches the memory of
 * this process, which is the node's alone: stand-in and phones run elsewhere. Speaks in lines of JSON:
 * says `{ qr }` and `{ open }`, hears `{ small, large }` (message ids), says `{ idle, most, sha256, bytes }`.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { BinaryDataService } from 'n8n-core';
import { Container } from '@n8n/di';
import type { IDataObject } from 'n8n-workflow';
import { WhatsAppLinkedApi } from '../../credentials/WhatsAppLinkedApi.credentials';
import { WhatsAppLinked } from '../../nodes/WhatsAppLinked/WhatsAppLinked.node.js';
import { readCredential, runtime } from '../../src/runtime';
import { Engine, itemsOf } from '../n8n/harness/engine';
import { until } from './until';

const MEGA = 1024 * 1024;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
	const data = { storage: 'automatic' };
	const engine = await Engine.create({
		nodeTypes: [new WhatsAppLinked()],
		credentialTypes: [new WhatsAppLinkedApi()],
		credentials: { number: { type: 'whatsAppLinkedApi', data } },
		binaryData: 'filesystem',
	});
	const settings = readCredential({ id: 'number', name: 'Number' }, data);
	const run = async (parameters: IDataObject) => {
		const node = {
			id: 'node-1',
			name: 'WhatsApp',
			type: 'n8n-nodes-whatsapp-linked.whatsAppLinked',
			typeVersion: 1,
			position: [0, 0] as [number, number],
			parameters: parameters as never,
			credentials: { whatsAppLinkedApi: { id: 'number', name: 'Number' } },
		};
		const done = await engine.run({ nodes: [node], connections: {} });
		if (done.data.resultData.error) throw done.data.resultData.error;
		return itemsOf(done, 'WhatsApp')[0]!;
	};
	say({ qr: (await run({ resource: 'session', operation: 'getQr' })).json.qr });
	await runtime().use(settings, async ({ session }) => {
		await session.waitFor(({ name }) => name === 'open', 30_000);
	});
	say({ open: true });
	const { small, large } = await heard();
	await runtime().use(settings, async ({ storage }) => {
		for (const id of [small, large]) {
			const seen = async () => (await storage.facts.get(`message:${id}`)) !== undefined;
			await until('the message', seen);
		}
	});
	const download = async (messageId: string) =>
		await run({ resource: 'message', operation: 'downloadMedia', from: 'id', messageId });
	// The same, small, before: code that is loaded on first use is no part of the measure.
	await download(small);
	// What is held counts, not what a busy machine has not got round to collecting.
	const held = () => {
		(globalThis as { gc?: () => void }).gc?.();
		return process.memoryUsage().rss;
	};
	const idle = held();
	let most = idle;
	const watch = setInterval(() => {
		most = Math.max(most, held());
	}, 1_000);
	const { binary } = await download(large);
	clearInterval(watch);
	const hash = createHash('sha256');
	const path = Container.get(BinaryDataService).getPath(binary?.data?.id ?? '');
	for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
	say({
		idle: idle / MEGA,
		most: most / MEGA,
		sha256: hash.digest('hex'),
		bytes: binary?.data?.bytes,
	});
	await runtime().close();
	await engine.close();
}

async function heard(): Promise<{ small: string; large: string }> {
	const lines = createInterface({ input: process.stdin });
	for await (const line of lines) {
		lines.close();
		return JSON.parse(line) as { small: string; large: string };
	}
	throw new Error('Nobody said what to download');
}

void main().then(
	() => process.exit(0),
	(error: unknown) => {
		say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
		process.exit(1);
	},
);
