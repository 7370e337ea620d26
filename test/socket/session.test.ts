import { LinkedError } from '../../src/errors';
import { Product } from '../helpers/product';
import { recordingLog } from '../helpers/storage';
import { until } from '../helpers/until';
import { WhatsAppServer } from '../whatsapp';

let product: Product;
beforeAll(async () => {
	product = await Product.start();
});
afterAll(async () => {
	await product.stop();
});

async function linked() {
	const runtime = product.runtime();
	const account = product.account();
	const me = await product.phone('Me');
	await product.link(runtime, account, me);
	return { runtime, account, me };
}

async function failure(task: Promise<unknown>): Promise<LinkedError> {
	try {
		await task;
	} catch (error) {
		return LinkedError.from(error);
	}
	throw new Error('it did not fail');
}

test('a number is linked with the eight-character code', async () => {
	const runtime = product.runtime();
	const me = await product.phone('Me');
	const account = product.account({ phone: me.number.replace(/\D/g, '') });
	const offer = await product.run(runtime, account, 'session.getQr');
	expect(offer.code).toMatch(/^[0-9A-Z]{8}$/);
	await me.enterCode(String(offer.code));
	const status = await product.state(runtime, account, 'open');
	expect(status.number).toBe(`+${account.phone}`);
});

test('a number is not linked for WhatsApp when its session cannot be stored', async () => {
	const runtime = product.runtime();
	const account = product.account();
	const me = await product.phone('Me');
	const offer = await product.run(runtime, account, 'session.getQr');
	const { keys } = await runtime.use(account, async ({ storage }) => Promise.resolve(storage));
	keys.write = async () => await Promise.reject(new LinkedError('storage-full'));
	await me.scan(String(offer.qr)).catch(() => {});
	const status = await product.state(runtime, account, 'unlinked');
	expect(status.error).toMatchObject({ code: 'storage-full' });
	expect(product.server.account(me.number).devices.size).toBe(1);
});

test('many who ask at once share one socket', async () => {
	const { runtime, account, me } = await linked();
	await Promise.all(
		Array.from({ length: 20 }, async () => product.run(runtime, account, 'session.getStatus')),
	);
	expect(product.server.companions(me.number)).toHaveLength(1);
});

test('a dropped connection comes back by itself', async () => {
	const { runtime, account, me } = await linked();
	product.server.dropConnections(me.number);
	await until('the connection to be gone', () => product.server.companions(me.number).length === 0);
	await product.state(runtime, account, 'open');
	const status = await product.run(runtime, account, 'session.getStatus');
	expect(status).toMatchObject({ reconnects: 1, error: null });
});

test.each([428, 500, 503, 515])('after stream error %i it connects again', async (code) => {
	const { runtime, account, me } = await linked();
	product.server.streamError(me.number, code);
	await until('the connection to be gone', () => product.server.companions(me.number).length === 0);
	await until('it to be back', () => product.server.companions(me.number).length === 1);
	await product.state(runtime, account, 'open');
});

test('unlinked from the phone, it stops, says so, and can be linked again', async () => {
	const { runtime, account, me } = await linked();
	const [device] = product.server.companions(me.number);
	me.unlink(device?.id ?? 0);
	const status = await product.state(runtime, account, 'stopped');
	expect(status.error).toMatchObject({ code: 'logged-out' });
	const error = await failure(
		product.run(runtime, account, 'message.sendText', {
			chat: '15550100@s.whatsapp.net',
			text: 'x',
		}),
	);
	expect(error.code).toBe('logged-out');
	const offer = await product.run(runtime, account, 'session.getQr');
	expect(offer).toMatchObject({ linked: false, unlinked: true });
	await me.scan(String(offer.qr));
	await product.state(runtime, account, 'open');
});

test('replaced by another program, it yields and does not fight', async () => {
	const { runtime, account, me } = await linked();
	product.server.streamError(me.number, 440);
	const status = await product.state(runtime, account, 'stopped');
	expect(status.error).toMatchObject({ code: 'replaced' });
	expect(product.server.companions(me.number)).toHaveLength(0);
	const again = await product.run(runtime, account, 'session.reconnect');
	expect(again.state).toBe('open');
});

test('a number that WhatsApp refuses stops and says so', async () => {
	const { runtime, account, me } = await linked();
	product.server.refuseLogins(403, me.number);
	product.server.dropConnections(me.number);
	const status = await product.state(runtime, account, 'stopped');
	expect(status.error).toMatchObject({ code: 'banned' });
	product.server.refuseLogins(undefined, me.number);
});

test('Log Out unlinks the device; stopping does not', async () => {
	const { runtime, account, me } = await linked();
	await runtime.close();
	expect(product.server.account(me.number).devices.size).toBe(2);

	const next = product.runtime();
	await product.state(next, account, 'open');
	const result = await product.run(next, account, 'session.logOut', { erase: true });
	expect(result).toEqual({ loggedOut: true, erased: true });
	await until('the device to be gone', () => product.server.account(me.number).devices.size === 1);
	expect(await product.run(next, account, 'session.getStatus')).toMatchObject({
		state: 'unlinked',
	});
});

/** A linked number with writes that wait until the test ends them, one way or the other. */
async function heldBack() {
	const { runtime, account, me } = await linked();
	const { keys } = await runtime.use(account, async ({ storage }) => Promise.resolve(storage));
	const write = keys.write.bind(keys);
	let end: (error?: LinkedError) => void = () => {};
	const held = new Promise<void>((resolve, reject) => {
		end = (error) => (error ? reject(error) : resolve());
	});
	let writes = 0;
	keys.write = async (...given) => {
		writes++;
		await held;
		await write(...given);
	};
	const anna = await product.phone('Anna');
	await anna.sendText(me.number, 'hello');
	await until('a write that is held', () => writes > 0);
	const well = () => void (keys.write = write);
	return { runtime, account, me, end, well };
}

test('Log Out unlinks the device however long the storage takes for what was written before', async () => {
	const { runtime, account, me, end } = await heldBack();
	const loggedOut = product.run(runtime, account, 'session.logOut');
	// As long as the closing of a connection may take otherwise.
	await Promise.race([
		until('the connection to be gone', () => product.server.companions(me.number).length === 0),
		new Promise((resolve) => setTimeout(resolve, 3_000)),
	]);
	end();
	expect(await loggedOut).toMatchObject({ loggedOut: true });
	await until('the device to be gone', () => product.server.account(me.number).devices.size === 1);
});

test('Log Out that the storage keeps from being said fails, and the number stays linked', async () => {
	const { runtime, account, me, end, well } = await heldBack();
	const number = await runtime.use(account, async (each) => Promise.resolve(each));
	const { openSocket } = number.session;
	if (!openSocket) throw new Error('it is not connected');
	const logout = jest.spyOn(openSocket, 'logout');
	const loggedOut = failure(product.run(runtime, account, 'session.logOut'));
	await until('it to be under way', () => logout.mock.calls.length > 0);
	end(new LinkedError('storage-full'));
	expect(await loggedOut).toMatchObject({ code: 'storage-full' });
	well();
	await product.state(runtime, account, 'open');
	expect(product.server.account(me.number).devices.size).toBe(2);
});

test('a server with another root key is refused before anything is sent to it', async () => {
	const stranger = await WhatsAppServer.start();
	const before = process.env.WHATSAPP_LINKED_ROOT_KEY;
	process.env.WHATSAPP_LINKED_ROOT_KEY = stranger.rootKey.toString('hex');
	try {
		const runtime = product.runtime();
		const error = await failure(product.run(runtime, product.account(), 'session.getQr'));
		expect(error.code).toBe('untrusted-server');
	} finally {
		process.env.WHATSAPP_LINKED_ROOT_KEY = before;
		await stranger.stop();
	}
});

test('with another encryption key the session is refused and stays as it was', async () => {
	const { runtime, account, me } = await linked();
	await runtime.close();
	process.env.N8N_ENCRYPTION_KEY = 'another key';
	const wrong = product.runtime();
	const error = await failure(product.run(wrong, account, 'session.getQr'));
	expect(error.code).toBe('wrong-key');
	await wrong.close();
	process.env.N8N_ENCRYPTION_KEY = 'test key';
	const right = product.runtime();
	await product.state(right, account, 'open');
	expect(product.server.companions(me.number)).toHaveLength(1);
});

test('a QR that nobody scans runs out with a plain error, and a new one can be asked for', async () => {
	const runtime = product.runtime();
	const account = product.account();
	const offer = await product.run(runtime, account, 'session.getQr');
	product.server.dropConnections();
	await until('the end of the offer', async () => {
		const status = await product.run(runtime, account, 'session.getStatus');
		return status.state === 'unlinked';
	});
	const next = await product.run(runtime, account, 'session.getQr');
	expect(next.qr).not.toBe(offer.qr);
});

test('nothing of a link and a conversation reaches the log', async () => {
	const log = recordingLog();
	const runtime = product.runtime(log);
	const account = product.account();
	const me = await product.phone('Me');
	const anna = await product.phone('Anna');
	const heard = await product.listen(runtime, account);
	const offer = await product.run(runtime, account, 'session.getQr');
	await me.scan(String(offer.qr));
	await product.state(runtime, account, 'open');
	await anna.sendText(me.number, 'the secret word is swordfish');
	await until('the event', () => heard.events[0]);
	await heard.close();
	await runtime.close();
	const written = JSON.stringify(log.lines);
	expect(log.lines.length).toBeGreaterThan(3);
	expect(written).not.toContain('swordfish');
	expect(written).not.toContain(String(offer.qr).split('#')[1]?.slice(0, 40));
});
