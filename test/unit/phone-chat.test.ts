import { MessageRefused, Phone } from '../whatsapp/phone';
import { Loopback } from '../whatsapp/phone/testing/loopback';
import { readVote } from '../whatsapp/phone/content';
import { bigEndian, type BinaryNode, bytes, child, children, node } from '../whatsapp/phone/nodes';
import { decodeMessage } from '../whatsapp/phone/padding';
import { SignalStore } from '../whatsapp/phone/signal/store';

let host: Loopback;
let anna: Phone;
let ben: Phone;

/** A device's keys as the server hands them out. */
const bundleNodes = ({ registrationId, identity, signedPreKey }: SignalStore) => [
	node('registration', {}, bigEndian(registrationId, 4)),
	node('identity', {}, identity.public),
	node('skey', {}, [
		node('id', {}, bigEndian(signedPreKey.id, 3)),
		node('value', {}, signedPreKey.pair.public),
		node('signature', {}, signedPreKey.signature),
	]),
];

const phone = async (number: string, pushName: string) =>
	await Phone.create(host, { phone: number, pushName });

beforeEach(async () => {
	host = new Loopback();
	anna = await phone('+1 555 0101', 'Anna');
	ben = await phone('+1 555 0102', 'Ben');
});

afterEach(() => {
	expect([...anna.problems, ...ben.problems]).toEqual([]);
});

describe('two phones', () => {
	it('write to each other, by number or by phone, and hear that it arrived', async () => {
		const sent = await anna.sendText('+1 555 0102', 'Hello Ben');
		const heard = await ben.waitForMessage('Hello Ben');
		expect(heard).toMatchObject({
			chat: anna.lid,
			from: anna.lid,
			fromPhone: '15550101',
			fromDevice: 0,
			fromMe: false,
			pushName: 'Anna',
		});
		await anna.waitForReceipt(sent.id, 'delivered', ben);
		for (const word of ['one', 'two', 'three']) {
			await ben.sendText(anna, word);
			await anna.waitForMessage(word);
			await anna.sendText(ben, `${word} too`);
			await ben.waitForMessage(`${word} too`);
		}
		ben.markRead(heard);
		await anna.waitForReceipt(sent.id, 'read');
		ben.markPlayed(heard);
		await anna.waitForReceipt(sent.id, 'played');
		expect(ben.messages.map(({ text }) => text)).toEqual([
			'Hello Ben',
			'one too',
			'two too',
			'three too',
		]);
	});

	it('keep the order of messages sent at once', async () => {
		const words = Array.from({ length: 20 }, (_, n) => `message ${n}`);
		await Promise.all(words.map(async (word) => await anna.sendText(ben, word)));
		await ben.waitForMessage('message 19');
		expect(ben.messages.map(({ text }) => text)).toEqual(words);
	});

	it('address by phone number where asked to, in one and the same session', async () => {
		await anna.sendText('+1 555 0102', 'by number', { addressing: 'pn' });
		expect((await ben.waitForMessage('by number')).stanza.attrs.from).toBe(anna.jid);
		await anna.sendText(ben, 'by LID');
		const byLid = await ben.waitForMessage('by LID');
		expect(byLid.stanza.attrs.from).toBe(anna.lid);
		await ben.reply(byLid, 'answer');
		await anna.waitForMessage('answer');
		await anna.sendText('+1 555 0102', 'number again', { addressing: 'pn' });
		const again = await ben.waitForMessage('number again');
		expect(again.stanza.content).toMatchObject([{ tag: 'enc', attrs: { type: 'msg' } }]);
	});

	it('get what was sent while they were offline', async () => {
		ben.disconnect();
		await anna.sendText(ben, 'while you were away');
		expect(ben.messages).toEqual([]);
		await ben.connect();
		const late = await ben.waitForMessage('while you were away');
		expect(late.stanza.attrs.offline).toBe('0');
		await expect((ben.disconnect(), ben.sendText(anna, 'x'))).rejects.toThrow('offline');
		await ben.connect();
	});

	it('encrypt for linked devices too, and tell the own ones which chat a copy belongs to', async () => {
		const linked = { anna: new SignalStore(), ben: new SignalStore() };
		host.addCompanion(anna.ids, bundleNodes(linked.anna));
		host.addCompanion(ben.ids, bundleNodes(linked.ben));
		const sent: BinaryNode[] = [];
		host.onSend = (_from, stanza) => void (stanza.tag === 'message' && sent.push(stanza));
		const { devices } = await anna.sendText(ben, 'for all');
		expect(new Set(devices)).toEqual(
			new Set([`${anna.ids.lid}:1@lid`, ben.lid, `${ben.ids.lid}:1@lid`]),
		);
		const decrypted = (of: Phone, keys: SignalStore) => {
			const jid = `${of.ids.lid}:1@lid`;
			const to = children(child(sent[0], 'participants')).find(({ attrs }) => attrs.jid === jid);
			const enc = child(to, 'enc')!;
			return decodeMessage(keys.decrypt('anna', enc.attrs.type!, bytes(enc)!).plain);
		};
		expect(decrypted(ben, linked.ben).conversation).toBe('for all');
		expect(decrypted(anna, linked.anna)).toMatchObject({
			deviceSentMessage: { destinationJid: ben.lid, message: { conversation: 'for all' } },
		});
	});

	it('say who is not on WhatsApp, and what is no recipient', async () => {
		await expect(anna.sendText('+1 555 0199', 'hi')).rejects.toThrow('is not on WhatsApp');
		await expect(anna.sendText('Ben', 'hi')).rejects.toThrow('Not a recipient: Ben');
	});

	it('say when the server refuses a message', async () => {
		host.onSend = (from, stanza) => {
			if (stanza.tag !== 'message') return true;
			host.deliver(from.ids, node('ack', { class: 'message', id: stanza.attrs.id, error: '463' }));
			return false;
		};
		const refused = anna.sendText(ben, 'hi');
		await expect(refused).rejects.toThrow(MessageRefused);
		await expect(refused).rejects.toMatchObject({ code: '463' });
	});

	it('tell what else there was when a wait is in vain', async () => {
		await anna.sendText(ben, 'something');
		await ben.waitForMessage('something');
		await expect(ben.waitForMessage('nothing', 1)).rejects.toThrow(
			/Waited 1 ms for the message "nothing"; so far: "something" from/,
		);
	});
});

describe('a message that cannot be decrypted', () => {
	it('is asked for again and then shown', async () => {
		const sent = await anna.sendUndecryptable(ben, 'broken at first');
		expect((await ben.waitForMessage('broken at first')).id).toBe(sent.id);
		expect(anna.receipts.retryRequests).toEqual([
			{ id: sent.id, device: ben.lid, count: 1, withKeys: false },
		]);
		await ben.sendText(anna, 'got it');
		await anna.waitForMessage('got it');
	});

	it('comes with new keys from the second request on', async () => {
		await anna.sendText(ben, 'whole');
		await ben.waitForMessage('whole');
		host.onSend = (_from, { tag, attrs, content }) => {
			const again = tag === 'message' && Array.isArray(content) && content[0]?.attrs.count === '1';
			if (again && Array.isArray(content)) (content[0]!.content as Buffer)[40]! ^= 1;
			return attrs !== undefined;
		};
		const sent = await anna.sendUndecryptable(ben, 'broken twice');
		await ben.waitForMessage('broken twice');
		expect(anna.receipts.retryRequests.map(({ count, withKeys }) => [count, withKeys])).toEqual([
			[1, false],
			[2, true],
		]);
		await anna.waitForReceipt(sent.id, 'delivered');
	});

	it('is never shown when the sender does not answer', async () => {
		const sent = await anna.sendUndecryptable(ben, 'lost', { answerRetry: false });
		await anna.waitUntil('the request', () => anna.receipts.retryRequests[0]);
		await anna.sendText(ben, 'next');
		await ben.waitForMessage('next');
		expect(ben.receiver.failures.get(sent.id)?.reason).toMatch(/Bad MAC/);
		expect(ben.messages.map(({ text }) => text)).toEqual(['next']);
	});
});

describe('the same message twice', () => {
	it('is shown once when it was sent twice', async () => {
		const sent = await anna.sendText(ben, 'once');
		await anna.sendAgain(sent);
		await anna.sendText(ben, 'end');
		await ben.waitForMessage('end');
		expect(ben.messages.map(({ text }) => text)).toEqual(['once', 'end']);
		expect(ben.inbox.duplicates.map(({ id }) => id)).toEqual([sent.id]);
	});

	it('is acknowledged again when the server delivers it twice', async () => {
		const sent = await anna.sendText(ben, 'once');
		const { stanza } = await ben.waitForMessage('once');
		await anna.waitForReceipt(sent.id, 'delivered');
		host.deliver(ben.ids, stanza);
		await anna.waitUntil('the second receipt', () => anna.receipts.receipts[1]);
		expect(ben.messages).toHaveLength(1);
		expect(ben.receiver.failures.size).toBe(0);
	});
});

describe('what people do with messages', () => {
	it('reaches the other side with the right key', async () => {
		const sent = await anna.sendText(ben, 'original');
		const heard = await ben.waitForMessage('original');
		await ben.react(heard, '👍');
		const reacted = await anna.waitForMessage((m) => m.message.reactionMessage != null);
		expect(reacted.message.reactionMessage).toMatchObject({ text: '👍', key: { id: sent.id } });
		expect(reacted.stanza.attrs.type).toBe('reaction');

		await anna.edit(sent, 'changed');
		const edited = await ben.waitForMessage('changed');
		expect(edited.message.protocolMessage?.key?.id).toBe(sent.id);
		expect(edited.stanza.attrs.edit).toBe('1');

		const quoted = await ben.reply(heard, 'an answer');
		const answer = await anna.waitForMessage('an answer');
		expect(answer.id).toBe(quoted.id);
		expect(answer.message.extendedTextMessage?.contextInfo).toMatchObject({
			stanzaId: sent.id,
			participant: anna.lid,
		});

		await anna.pinMessage(sent);
		const pinned = await ben.waitForMessage((m) => m.message.pinInChatMessage != null);
		expect(pinned.stanza.attrs.edit).toBe('2');
		await anna.revoke(sent);
		const revoked = await ben.waitForMessage((m) => m.stanza.attrs.edit === '7');
		expect(revoked.message.protocolMessage).toMatchObject({ type: 0, key: { id: sent.id } });
	});

	it('counts votes, for this voter and this poll only', async () => {
		const sent = await anna.sendPoll(ben, 'Lunch?', ['Soup', 'Salad', 'None'], 2);
		const asked = await ben.waitForMessage((m) => m.message.pollCreationMessage != null);
		await ben.vote(asked, ['Soup', 'None']);
		const { message } = await anna.waitForMessage((m) => m.message.pollUpdateMessage != null);
		const update = message.pollUpdateMessage!;
		expect(readVote(sent, update, anna.lid, ben.lid)).toEqual(['Soup', 'None']);
		expect(() => readVote(sent, update, anna.lid, anna.lid)).toThrow();
	});

	it('shows typing and calls', async () => {
		anna.type(ben, 'recording');
		await ben.waitUntil('typing', () => ben.presence.seen.find((s) => s.state === 'recording'));
		const id = anna.presence.call(ben.lid, { video: true });
		anna.presence.hangUp(ben.lid, id);
		await ben.waitUntil('the end of the call', () => ben.presence.calls[1]);
		expect(ben.presence.calls.map((call) => [call.id, call.from, call.event])).toEqual([
			[id, anna.lid, 'offer'],
			[id, anna.lid, 'terminate'],
		]);
	});
});

describe('a group', () => {
	it('is written to once for all, and read by its members only', async () => {
		const carla = await phone('+1 555 0103', 'Carla');
		const group = await anna.createGroup('Team', [ben, '+1 555 0103']);
		await anna.sendText(group, 'hello all');
		for (const member of [ben, carla]) {
			expect(await member.waitForMessage('hello all')).toMatchObject({
				chat: group,
				from: anna.lid,
			});
		}
		await ben.sendText(group, 'hello Anna');
		await anna.waitForMessage('hello Anna');
		await carla.waitForMessage('hello Anna');
		await anna.sendText(group, 'second');
		const second = await ben.waitForMessage('second');
		expect(second.stanza.content).toMatchObject([{ tag: 'enc', attrs: { type: 'skmsg' } }]);
		ben.markRead(second);
		await anna.waitForReceipt(second.id, 'read', ben);

		await anna.removeFromGroup(group, carla);
		await anna.sendText(group, 'without Carla');
		const without = await ben.waitForMessage('without Carla');
		const body = bytes(children(without.stanza, 'enc').at(-1))!;
		const sender = carla.core.signalAddress(anna.lid);
		expect(() => carla.core.senderKeys.decrypt(group, sender, body)).toThrow('No sender key');
		expect(carla.messages.some(({ text }) => text === 'without Carla')).toBe(false);
	});

	it('gets a message again that one member could not read', async () => {
		const group = await anna.createGroup('Team', [ben]);
		await anna.sendText(group, 'fine');
		await ben.waitForMessage('fine');
		const sent = await anna.sendText(group, 'broken', { corrupt: true });
		expect((await ben.waitForMessage('broken')).id).toBe(sent.id);
		await anna.sendText(group, 'fine again');
		await ben.waitForMessage('fine again');
		expect(ben.receiver.failures.size).toBe(0);
	});
});

it('a status post is seen by its audience', async () => {
	await anna.postStatus('on holiday', [ben]);
	expect(await ben.waitForMessage('on holiday')).toMatchObject({
		chat: 'status@broadcast',
		from: anna.lid,
	});
});
