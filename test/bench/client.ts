/** What the clients of the bench share; each is a process of its own, so that bare is really bare. */
import * as tls from 'node:tls';
import type { Client, Target } from '../whatsapp/testing/client';

export type Kind = 'ours' | 'ours-redis' | 'memory' | 'files';

export const NAMES: Readonly<Record<Kind, string>> = {
	ours: 'ours, embedded storage',
	'ours-redis': 'ours, Redis',
	memory: 'bare Baileys, in-memory auth',
	files: 'bare Baileys, multi-file auth',
};

export interface Orders {
	kind: Kind;
	folder: string;
	redisUrl?: string;
	target: { url: string; rootKey: string; caPem: string };
}

export type LinkNews = { qr: string } | { open: true };

export const orders = JSON.parse(process.env.BENCH_ORDERS ?? '{}') as Orders;
export const isOurs = () => orders.kind.startsWith('ours');

/** Tells the process that measures. */
export const tell = (news: object) => process.send?.(news);

/** Call it first of all. */
export function prepare(): void {
	// As in n8n. Baileys makes an error with a stack for every frame, which source maps make dear.
	process.setSourceMapsEnabled(false);
	tls.setDefaultCACertificates([...tls.getCACertificates('default'), orders.target.caPem]);
	process.on('disconnect', () => process.exit(0));
}

/** A bare client, linked, and connected again as Baileys wants it; opened once `opened()` resolves. */
export async function linkBare(): Promise<Client> {
	const { makeClient } = await import('../whatsapp/testing/client.js');
	const target: Target = { ...orders.target, rootKey: Buffer.from(orders.target.rootKey, 'hex') };
	let save = async () => {};
	const options: Parameters<typeof makeClient>[1] = {};
	if (orders.kind === 'files') {
		const { useMultiFileAuthState } = await import('@whiskeysockets/baileys');
		const { state, saveCreds } = await useMultiFileAuthState(orders.folder);
		options.auth = state as NonNullable<typeof options.auth>;
		save = saveCreds;
	}
	const first = await makeClient(target, options);
	first.socket.ev.on('creds.update', () => void save());
	tell({ qr: await first.qr() });
	await first.closed();
	await first.stop();
	const client = await makeClient(target, { auth: first.auth });
	client.socket.ev.on('creds.update', () => void save());
	return client;
}

/** How the account of ours is set up. */
export const ourAccount = () => ({
	account: 'bench',
	credentialName: 'bench',
	storage:
		orders.kind === 'ours'
			? { kind: 'sqlite' as const, folder: orders.folder }
			: { kind: 'redis' as const, url: orders.redisUrl ?? '' },
	deviceName: 'n8n',
	options: { safetyProfile: 'off' },
});

/** Processor time in milliseconds, since `before` if given. */
export function cpu(before?: NodeJS.CpuUsage): { cpuMs: number; userMs: number } {
	const { user, system } = process.cpuUsage(before);
	return { cpuMs: (user + system) / 1_000, userMs: user / 1_000 };
}
