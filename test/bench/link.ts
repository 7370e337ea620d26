/**
 * Linking and connecting, ours against a bare Baileys socket with in-memory auth, on the same stand-in,
 * taking turns: until a QR is there, from the scan to an open connection, to the first event of a
 * workflow, and back to open after a restart. `npm run bench -- link`
 */
import type { proto } from '@whiskeysockets/baileys';
import { Product } from '../helpers/product';
import { makeClient } from '../whatsapp/testing/client';
import { median, spread } from './spread';

const textOf = (message: proto.IMessage | null | undefined) =>
	message?.conversation ?? message?.extendedTextMessage?.text;

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);

type Times = Record<'qr' | 'open' | 'event' | 'again', number[]>;
const none = (): Times => ({ qr: [], open: [], event: [], again: [] });

async function timed<T>(into: number[], work: () => Promise<T>): Promise<T> {
	const begin = performance.now();
	const result = await work();
	into.push(performance.now() - begin);
	return result;
}

async function ours(product: Product, times: Times, round: number): Promise<void> {
	const account = product.account();
	const phone = await product.phone(`Owner ${round}`);
	const friend = await product.phone(`Friend ${round}`);
	const runtime = product.runtime();
	const heard = await product.listen(runtime, account);
	const offer = await timed(
		times.qr,
		async () => await product.run(runtime, account, 'session.getQr'),
	);
	const { value: number, release } = await runtime.hold(account);
	const open = async () => await number.session.waitFor(({ name }) => name === 'open', 30_000);
	await timed(times.open, async () => {
		await phone.scan(String(offer.qr));
		await open();
	});
	await timed(times.event, async () => {
		const event = heard.next();
		await friend.sendText(phone.jid, 'hello');
		await event;
	});
	release();
	await heard.close();
	await runtime.close();
	const next = product.runtime();
	await timed(times.again, async () => {
		const hold = await next.hold(account);
		await hold.value.session.waitFor(({ name }) => name === 'open', 30_000);
		hold.release();
	});
	await next.close();
}

async function bare(product: Product, times: Times, round: number): Promise<void> {
	const { url, caPem, rootKey } = product.server;
	const target = { url, caPem, rootKey };
	const phone = await product.phone(`Bare ${round}`);
	const friend = await product.phone(`Bare friend ${round}`);
	const first = await timed(times.qr, async () => {
		const client = await makeClient(target, {});
		await client.qr();
		return client;
	});
	const second = await timed(times.open, async () => {
		await phone.scan(await first.qr());
		await first.closed();
		const client = await makeClient(target, { auth: first.auth });
		await client.opened();
		return client;
	});
	await first.stop();
	await timed(times.event, async () => {
		const heard = new Promise<void>((resolve) => {
			// The phone's first history comes as messages, too.
			second.socket.ev.on('messages.upsert', ({ messages }) => {
				if (messages.some(({ message }) => textOf(message) === 'hello')) resolve();
			});
		});
		await friend.sendText(phone.jid, 'hello');
		await heard;
	});
	await second.stop();
	await timed(times.again, async () => {
		const client = await makeClient(target, { auth: first.auth });
		await client.opened();
		await client.stop();
	});
}

export async function run(): Promise<void> {
	const product = await Product.start();
	const times = { ours: none(), bare: none() };
	try {
		// The first of each loads Baileys and is not counted.
		await ours(product, none(), -1);
		await bare(product, none(), -1);
		for (let round = 0; round < ROUNDS; round++) {
			await ours(product, times.ours, round);
			await bare(product, times.bare, round);
		}
	} finally {
		await product.stop();
	}
	const names: Record<keyof Times, string> = {
		qr: 'until a QR is there',
		open: 'scan to connected',
		event: 'message to event',
		again: 'restart to connected',
	};
	for (const [key, name] of Object.entries(names) as Array<[keyof Times, string]>) {
		const ratio = median(times.ours[key]) / median(times.bare[key]);
		console.log(
			`${name.padEnd(22)} ours ${spread(times.ours[key], 0, ' ms').padEnd(24)} ` +
				`bare ${spread(times.bare[key], 0, ' ms').padEnd(24)} ours/bare ${ratio.toFixed(2)}`,
		);
	}
}
