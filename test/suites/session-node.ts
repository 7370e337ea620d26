/** Session in the node: status, linking, numbers, logging out. */
import type { IDataObject } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { silentLog } from '../../src/log';
import { Runtime, runtime } from '../../src/runtime';
import { chat, type Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

/** @param redis the storage, when it is one that can go away and that other processes share */
export function sessionNodeSuite(
	start: () => Promise<Sender>,
	redis?: { kill(): Promise<void>; restart(): Promise<void> },
): void {
	const storage = redis ? 'redis' : 'sqlite';
	let sender: Sender;
	let anna: Phone;
	/** More processes of n8n, so to speak. */
	const others: Runtime[] = [];

	const ANNA = '+1 555 010 0101';
	const run = async (operation: string, parameters: IDataObject = {}) =>
		await sender.send(operation, { resource: 'session', ...parameters });
	const status = async () => await run('getStatus');
	const inState = async (state: string) =>
		await until(`state ${state}`, async () => {
			const now = await status();
			return now.state === state && now;
		});

	/** An active trigger whose executions end when told to. */
	async function listen(trigger: string) {
		const heard: string[] = [];
		let release = () => {};
		const released = new Promise<void>((resolve) => (release = resolve));
		const listener = runtime().listen(() => Promise.resolve(sender.settings), {
			trigger,
			wants: ({ event }) => event === 'message.received',
			async emit(ticket, [handed]) {
				await runtime().claim(sender.settings, ticket, `execution-${ticket.seq}`);
				heard.push(String(handed?.event.text));
				await released;
			},
			maxInFlight: 1,
			next: 'end',
			rerun: true,
		});
		await listener.started();
		return { heard, release, close: async () => await listener.close() };
	}

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
		await sender.synced();
	});
	afterAll(async () => {
		for (const other of others) await other.close();
		await sender.stop();
	});

	test('the status of a connected number to which no workflow listens', async () => {
		expect(await status()).toEqual({
			summary: expect.stringContaining('no active workflow listens'),
			state: 'open',
			since: expect.stringMatching(/^\d{4}-.*Z$/),
			number: `+${sender.me.number}`,
			lid: sender.me.lid,
			name: 'Me',
			reconnects: 0,
			nextTry: null,
			error: null,
			lastError: null,
			owner: runtime().process,
			inbound: expect.objectContaining({ givenUp: 0 }),
			historySync: null,
			queues: {
				commandsUnderWay: 0,
				notInInboxYet: expect.any(Number),
				waitingForDecryption: 0,
			},
			triggers: [],
			storage: { kind: storage, shared: storage === 'redis', ok: true, since: null, reason: null },
			versions: {
				package: expect.stringMatching(/^\d+\.\d+\.\d+/),
				baileys: '7.0.0-rc14',
				node: process.versions.node,
				n8n: null,
			},
		});
	});

	test('which triggers listen, how far behind each is, and which do no more', async () => {
		const busy = await listen('workflow-1/node-1');
		await anna.sendText(sender.me, 'one');
		await until('the first execution', () => busy.heard.length === 1);
		await anna.sendText(sender.me, 'two');
		const third = await anna.sendText(sender.me, 'three');
		await sender.heard(third.id);
		const behind = await until('what waits', async () => {
			const now = await status();
			const [trigger] = now.triggers as IDataObject[];
			return trigger?.behind === 3 && now;
		});
		expect(behind.triggers).toEqual([
			{
				trigger: 'workflow-1/node-1',
				workflowId: 'workflow-1',
				nodeId: 'node-1',
				process: runtime().process,
				behind: 3,
				behindMore: false,
				oldestAt: expect.stringMatching(/^\d{4}-.*Z$/),
				inExecution: 1,
				waiting: expect.any(Number),
				started: 1,
			},
		]);
		expect(behind.summary).toMatch(/3 events wait for workflows/);
		busy.release();
		await until('all of them', () => busy.heard.length === 3);
		const done = await until('nothing waits', async () => {
			const now = await status();
			return (now.triggers as IDataObject[])[0]?.behind === 0 && now;
		});
		expect(done.summary).toMatch(/delivered as they come/);
		await busy.close();
		expect((await status()).triggers).toEqual([]);
	});

	test('why the line was down last is told after it is up again', async () => {
		const { since } = await status();
		sender.server.dropConnections(sender.me.number);
		await until('the new connection', async () => (await status()).since !== since);
		expect(await inState('open')).toMatchObject({
			error: null,
			lastError: {
				code: 'offline',
				message: expect.any(String),
				next: expect.any(String),
				at: expect.stringMatching(/^\d{4}-.*Z$/),
			},
		});
		expect(await run('reconnect')).toMatchObject({ state: 'open' });
	});

	test('numbers of other credentials are listed without saying whose they are', async () => {
		const carla = await sender.server.phone('+1 555 010 0103', { name: 'Carla' });
		const other = { ...sender.settings, account: 'somebody-else', credentialName: 'Carla’s' };
		await runtime().use(other, async (number) => {
			const offer = (await number.submit({
				operation: 'session.getQr',
				params: {},
				idempotencyKey: 'other',
				deadline: Date.now() + 20_000,
			})) as { qr?: string };
			await carla.scan(String(offer.qr));
			await number.session.waitFor(({ name }) => name === 'open', 20_000);
			const listed = await until('both', async () => {
				const found = await sender.items('getMany', { resource: 'session', returnAll: true });
				return found.length === 2 && found[1]?.json.state === 'open' && found;
			});
			expect(listed.map(({ json }) => json)).toEqual([
				{
					own: true,
					number: `+${sender.me.number}`,
					name: 'Me',
					credential: 'Number',
					state: 'open',
					since: expect.any(String),
					owner: runtime().process,
					storage,
				},
				{
					own: false,
					number: null,
					name: null,
					credential: null,
					state: 'open',
					since: expect.any(String),
					owner: runtime().process,
					storage,
				},
			]);
			expect(JSON.stringify(listed)).not.toMatch(/Carla|15550100103|somebody-else/);
		});
	});

	if (redis) {
		test('from another process: who owns the number, and all the rest', async () => {
			const other = new Runtime(undefined, silentLog);
			others.push(other);
			const seen = await other.use(sender.settings, async (number) =>
				number.submit({
					operation: 'session.getStatus',
					params: {},
					idempotencyKey: 'from afar',
					deadline: Date.now() + 20_000,
				}),
			);
			expect(seen).toMatchObject({ state: 'open', owner: runtime().process });
		});
	}

	if (redis) {
		test('when Redis is away the status still comes, says so, and is whole again afterwards', async () => {
			await redis.kill();
			const away = await until('the storage to be missed', async () => {
				const now = await status();
				return (now.storage as IDataObject | null)?.ok === false && now;
			});
			expect(away).toMatchObject({
				summary: expect.stringContaining('storage of this credential could not be reached'),
				error: { code: 'storage-unreachable', next: expect.stringContaining('Redis') },
				storage: { kind: 'redis', ok: false, since: expect.any(String) },
				versions: { baileys: '7.0.0-rc14' },
				triggers: [],
			});
			await redis.restart();
			expect(await inState('open')).toMatchObject({ storage: { ok: true }, error: null });
		});
	}

	test('after logging out it says what to do; by code it is linked again, history kept', async () => {
		const before = sender.server.account(sender.me.number).devices.size;
		expect(await run('logOut')).toEqual({ loggedOut: true, erased: false });
		await until(
			'the device to be gone',
			() => sender.server.account(sender.me.number).devices.size === before - 1,
		);
		expect(await inState('unlinked')).toMatchObject({
			summary: expect.stringContaining('not linked'),
			number: null,
			error: null,
		});
		expect(await sender.refusal('sendText', { chat: chat(ANNA), text: 'x' })).toMatchObject({
			code: 'not-linked',
		});
		expect(await sender.refusal('getLinkingCode', { resource: 'session' })).toMatchObject({
			code: 'bad-parameter',
			message: expect.stringContaining('Phone Number'),
		});
		const { code, number } = await run('getLinkingCode', { phone: '+1 555 010 0100' });
		expect(number).toBe('+15550100100');
		expect(code).toMatch(/^[0-9A-Z]{8}$/);
		await sender.me.enterCode(String(code));
		await inState('open');
		expect(await run('getLinkingCode', { phone: '+1 555 010 0100' })).toMatchObject({
			linked: true,
		});
		const chats = await sender.items('getMany', { resource: 'chat', returnAll: true });
		expect(chats.some(({ json }) => json.name === 'Anna')).toBe(true);
	});

	test('logging out with erasing leaves nothing, and what listens hears again when linked anew', async () => {
		const listening = await listen('workflow-2/node-1');
		listening.release();
		expect(await run('logOut', { erase: true })).toEqual({ loggedOut: true, erased: true });
		await inState('unlinked');
		await runtime().use(sender.settings, async ({ storage: stored }) => {
			const left: string[] = [];
			for await (const name of stored.facts.keys('')) left.push(name);
			for await (const name of stored.keys.keys('')) left.push(name);
			// The state, which says nothing but `unlinked`.
			expect(left.filter((name) => name !== 'status')).toEqual([]);
			expect(await stored.inbox.latest(10)).toEqual([]);
			expect(await stored.journal.size()).toBe(0);
			const bytes = await stored.facts.get('status');
			expect(bytes ? Buffer.from(bytes).toString('utf8') : '').not.toContain('15550100100');
		});
		expect(await sender.items('getMany', { resource: 'chat', returnAll: true })).toEqual([]);
		// Not with Get QR: to draw the picture inside jest takes seconds in which nothing else goes on, and
		// on a busy machine the number is lost meanwhile.
		await sender.link();
		await inState('open');
		await anna.sendText(sender.me, 'welcome back');
		await until('the trigger', () => listening.heard.includes('welcome back'));
		await listening.close();
	});

	test('erasing that the storage refuses at first is done after all, and the number lives on', async () => {
		await runtime().use(sender.settings, ({ storage: stored }) => {
			const { erase } = stored;
			stored.erase = async () => {
				stored.erase = erase;
				return await Promise.reject(new LinkedError('storage-full'));
			};
			return Promise.resolve();
		});
		expect(await run('logOut', { erase: true })).toEqual({ loggedOut: true, erased: true });
		await inState('unlinked');
		await sender.link();
		await inState('open');
	});

	test('unlinked by the phone: it says so, and what is stored can still be erased', async () => {
		sender.me.unlink();
		expect(await inState('stopped')).toMatchObject({
			summary: expect.stringContaining('phone unlinked this device'),
			error: { code: 'logged-out' },
		});
		expect(await run('logOut', { erase: true })).toEqual({ loggedOut: true, erased: true });
		await inState('unlinked');
	});
}
