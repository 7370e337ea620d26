/** The whole path with safety in it, against a service that enforces: pauses, reports, recovers. */
import { LinkedError } from '../../src/errors';
import type { JsonObject, SafetyWish } from '../../src/operations';
import type { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import type { StorageSettings } from '../../src/storage/open';
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

export function safetySuite(storage: () => Promise<StorageSettings | undefined>): void {
	let product: Product;
	let runtime: Runtime;
	let account: AccountSettings;
	let me: Phone;
	let heard: Heard;
	let commands = 0;

	const event = eventsOf(() => heard);

	/** No pauses, so that tests are quick; limits as given. */
	const quick = { pauseReply: 0, pauseKnown: 0, pauseNew: 0, typingSpeed: 0, warmUpDays: 0 };

	beforeAll(async () => {
		product = await Product.start();
	});
	afterAll(async () => await product.stop());
	afterEach(async () => await heard.close());

	/** Links a number with these safety fields of the credential. */
	async function begin(options: AccountSettings['options']): Promise<void> {
		runtime = product.runtime();
		const kept = await storage();
		account = product.account({ options, ...(kept ? { storage: kept } : {}) });
		me = await product.phone('Me');
		heard = await product.listen(runtime, account, 'w/safety', () => true);
		await product.link(runtime, account, me);
	}

	async function send(
		to: Phone | string,
		{ text = `text ${++commands}`, ...safety }: SafetyWish & { text?: string } = {},
	): Promise<JsonObject> {
		const chat = typeof to === 'string' ? to : to.lid;
		return (await runtime.use(account, async (number) =>
			number.submit({
				operation: 'message.sendText',
				params: { chat, text, options: {} },
				idempotencyKey: `safety:${++commands}`,
				deadline: Date.now() + 60_000,
				safety,
			}),
		)) as JsonObject;
	}

	/** Runs an operation that brings people into a group. */
	async function bring(
		operation: 'group.addParticipants' | 'group.create',
		params: JsonObject,
		safety: SafetyWish = {},
		key = `safety:${++commands}`,
	): Promise<JsonObject> {
		return (await runtime.use(account, async (number) =>
			number.submit({
				operation,
				params: { invite: false, text: '', ...params },
				idempotencyKey: key,
				deadline: Date.now() + 60_000,
				safety,
			}),
		)) as JsonObject;
	}
	const statuses = ({ participants }: JsonObject) =>
		(participants as Array<{ status: string }>).map(({ status }) => status);

	/** The rule that held a message back; nothing may have reached the service. */
	async function held(to: Phone, wish: SafetyWish = {}): Promise<string> {
		const before = product.server.count('message');
		const error: unknown = await send(to, wish).then(
			() => undefined,
			(reason: unknown) => reason,
		);
		if (!(error instanceof LinkedError)) throw new Error(`It went out: ${String(error)}`);
		if (error.code !== 'safety-limit' && error.code !== 'guardrail') throw error;
		expect(product.server.count('message')).toBe(before);
		return String(error.data.rule);
	}

	const check = async (to: Phone) =>
		await product.run(runtime, account, 'safety.checkRecipient', { chat: to.lid });
	/** Waits until safety has taken in what was said. */
	const allowed = async (to: Phone, is: boolean) =>
		await until(`it to be ${is ? '' : 'not '}allowed`, async () => {
			const said = await check(to);
			return said.allowed === is && said;
		});
	const people = async (count: number) =>
		await Promise.all(Array.from({ length: count }, async (_none, n) => product.phone(`P${n}`)));

	test('WhatsApp caps the number: it begins nothing more, answers go on, an answer makes room', async () => {
		await begin({ safetyProfile: 'off' });
		product.server.enforce(me.number, { quota: 4 });
		const [anna, ben, cleo, eve, dan] = (await people(5)) as [Phone, Phone, Phone, Phone, Phone];
		for (const each of [anna, ben, cleo, eve]) await send(each);
		await allowed(dan, false);
		expect(await held(dan)).toBe('capped');
		expect(await held(dan, { atLimit: 'send' })).toBe('capped');
		expect(await event('account.warning', ({ reason }) => reason === 'cap')).toBeDefined();
		expect(await event('account.restricted')).toMatchObject({ reason: 'capped' });

		// Whoever writes is answered, and gives back what was used.
		await anna.sendText(me, 'who is this?');
		await allowed(anna, true);
		expect(await send(anna)).toMatchObject({ status: 'accepted' });
		await allowed(dan, true);
		expect(await send(dan)).toMatchObject({ status: 'accepted' });
		expect(await event('account.restricted', ({ reason }) => reason === 'lifted')).toBeDefined();
	});

	test('a 463 rests the person, several rest the account, over a restart; who writes is answered', async () => {
		await begin({ safetyProfile: 'off' });
		const [anna, ben, cleo, dan, eve] = (await people(5)) as [Phone, Phone, Phone, Phone, Phone];
		const refuse = async (to: Phone) => {
			product.server.rejectNext({ to: to.lid, code: 463 });
			await expect(send(to)).rejects.toMatchObject({ code: 'restricted' });
		};
		await refuse(anna);
		expect(await held(anna)).toBe('refused-person');
		expect(await event('account.warning')).toMatchObject({ reason: 'refused' });
		expect(await send(dan)).toMatchObject({ status: 'accepted' });

		await refuse(ben);
		await refuse(cleo);
		expect(await event('account.restricted')).toMatchObject({ reason: 'refused' });
		expect(await held(eve)).toBe('refused-account');
		expect(await held(eve, { atLimit: 'send' })).toBe('refused-account');

		await heard.close();
		await runtime.close();
		runtime = product.runtime();
		heard = await product.listen(runtime, account, 'w/safety', () => true);
		await product.state(runtime, account, 'open');
		expect(await held(eve)).toBe('refused-account');
		expect(await held(anna)).toMatch(/^refused-/);
		const report = await product.run(runtime, account, 'safety.getReport', { picture: true });
		expect(report).toMatchObject({
			verdict: 'restricted',
			last24Hours: { sentToPeople: 1, newConversations: 1, refusedByWhatsApp: 3 },
		});
		expect(Buffer.from(String(report.png), 'base64').subarray(1, 4).toString()).toBe('PNG');

		await anna.sendText(me, 'hello?');
		await allowed(anna, true);
		expect(await send(anna)).toMatchObject({ status: 'accepted' });
	});

	test('a timelock stops new chats until WhatsApp lifts it; who waits then goes', async () => {
		await begin({ safetyProfile: 'off' });
		const [anna] = (await people(1)) as [Phone];
		const end = Math.floor(Date.now() / 1_000) + 20;
		product.server.setTimelock(me.number, { active: true, until: end });
		await allowed(anna, false);
		expect(await held(anna)).toBe('timelock');
		const waiting = send(anna, { atLimit: 'wait', waitMs: 25_000 });
		product.server.setTimelock(me.number, { active: false });
		expect(await waiting).toMatchObject({ status: 'accepted' });
	});

	test('Careful: so many new conversations, answers at once, dry runs, sending anyway', async () => {
		await begin({ safetyProfile: 'careful', safetyLimits: { ...quick, newPerHour: 2 } });
		const [anna, ben, cleo, dan] = (await people(4)) as [Phone, Phone, Phone, Phone];
		await send(anna);
		await send(ben);
		const dry = await send(cleo, { dryRun: true });
		expect(dry).toMatchObject({
			dryRun: true,
			status: 'dryRun',
			decision: { allowed: false, rule: 'new-per-hour', relation: 'stranger' },
		});
		expect(await held(cleo)).toBe('new-per-hour');
		expect(await event('account.warning')).toMatchObject({
			reason: 'limit',
			limit: 'new-per-hour',
			until: expect.any(String) as string,
		});
		expect(await check(cleo)).toMatchObject({
			allowed: false,
			rule: 'new-per-hour',
			possibleAt: expect.any(String) as string,
			because: expect.stringContaining('new conversations') as string,
		});
		await send(anna);
		expect(await held(anna)).toBe('unanswered-person');
		expect(await send(cleo, { atLimit: 'send' })).toMatchObject({ status: 'accepted' });
		await dan.sendText(me, 'I write first');
		await allowed(dan, true);
		for (let n = 0; n < 5; n++) await send(dan);
		const report = await product.run(runtime, account, 'safety.getReport', { picture: false });
		expect(report).toMatchObject({
			profile: 'careful',
			last24Hours: { newConversations: 3, answers: 5, received: 1, sentOverLimit: 1, heldBack: 2 },
		});
	});

	test('strangers are added to groups like new conversations are begun: so many, the rest is told why', async () => {
		await begin({ safetyProfile: 'careful', safetyLimits: { ...quick, newPerHour: 2 } });
		const [anna, ben, cleo, dan, eve] = (await people(5)) as [Phone, Phone, Phone, Phone, Phone];
		await eve.sendText(me, 'add me, please');
		await until('safety to know it', async () => (await check(eve)).isReply === true);
		const everybody = [anna, ben, cleo, eve].map(({ lid }) => lid);
		const before = product.server.count('w:g2/create');
		const dry = await bring(
			'group.create',
			{ name: 'Choir', people: everybody, description: '' },
			{ dryRun: true },
		);
		expect(dry).toMatchObject({ id: null, dryRun: true, done: 3, failed: 1 });
		expect(statuses(dry)).toEqual(['wouldBeAdded', 'wouldBeAdded', 'heldBack', 'wouldBeAdded']);
		expect(product.server.count('w:g2/create')).toBe(before);

		const group = await bring('group.create', {
			name: 'Choir',
			people: everybody,
			description: '',
		});
		expect(statuses(group)).toEqual(['added', 'added', 'heldBack', 'added']);
		expect((group.participants as JsonObject[])[2]).toMatchObject({
			lid: cleo.lid,
			rule: 'new-per-hour',
			reason: expect.stringContaining('the limit is 2 now') as string,
			possibleAt: expect.any(String) as string,
			code: null,
		});
		const id = String(group.id);
		const members = async () => (await anna.groups.info(id)).members.map(({ jid }) => jid);
		expect(await members()).toEqual([me.lid, anna.lid, ben.lid, eve.lid]);

		// When nobody is left nothing is asked of the server, and the node says why.
		const refused = product.server.count('w:g2/add');
		const add = { group: id, people: [cleo.lid, dan.lid] };
		await expect(bring('group.addParticipants', add)).rejects.toMatchObject({
			code: 'safety-limit',
			data: { rule: 'new-per-hour', possibleAt: expect.any(String) as string },
		});
		await expect(
			bring('group.addParticipants', add, { atLimit: 'send', onlyReplies: true }),
		).rejects.toMatchObject({ code: 'guardrail', data: { rule: 'only-replies' } });
		expect(product.server.count('w:g2/add')).toBe(refused);
		// A message to somebody who was added is no second new conversation.
		expect(await send(anna)).toMatchObject({ status: 'accepted' });
		expect(await held(dan)).toBe('new-per-hour');

		const anyway = await bring('group.addParticipants', add, { atLimit: 'send' });
		expect(statuses(anyway)).toEqual(['added', 'added']);
		expect(await members()).toEqual([me.lid, anna.lid, ben.lid, eve.lid, cleo.lid, dan.lid]);
	});

	test('who could not be added takes up nothing; an allowed list counts for groups, too', async () => {
		const [anna, ben, cleo] = (await people(3)) as [Phone, Phone, Phone];
		await anna.profile.setPrivacy('groupadd', 'contacts');
		await begin({
			safetyProfile: 'careful',
			safetyLimits: { ...quick, newPerHour: 1 },
			safetyGuardrails: { recipients: 'list', list: [anna.lid, ben.lid].join(', ') },
		});
		const group = await bring('group.create', {
			name: 'Choir',
			people: [anna.lid, cleo.lid],
			description: '',
		});
		expect(statuses(group)).toEqual(['privacy', 'heldBack']);
		const add = { group: String(group.id), people: [ben.lid] };
		expect(statuses(await bring('group.addParticipants', add, {}, 'once'))).toEqual(['added']);
		// The same once more: answered from memory, and a member needs no leave.
		expect(statuses(await bring('group.addParticipants', add, {}, 'once'))).toEqual(['added']);
		expect(statuses(await bring('group.addParticipants', add))).toEqual(['alreadyMember']);
	});

	test('guardrails hold for every workflow, whatever it says', async () => {
		const [anna, ben] = (await people(2)) as [Phone, Phone];
		await begin({
			safetyProfile: 'off',
			safetyGuardrails: { recipients: 'list', list: anna.lid },
		});
		expect(await send(anna)).toMatchObject({ status: 'accepted' });
		expect(await held(ben, { atLimit: 'send' })).toBe('recipient-not-allowed');
		expect(await held(anna, { onlyReplies: true })).toBe('only-replies');
		await anna.sendText(me, 'now you may');
		await until('safety to know it', async () => (await check(anna)).isReply === true);
		expect(await send(anna, { onlyReplies: true, recipients: 'wroteFirst' })).toMatchObject({
			status: 'accepted',
		});
	});
}
