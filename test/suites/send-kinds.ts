/** Every kind of message without a file, as the virtual phone decrypts it. */
import type { Sender } from '../helpers/sender';
import { readVote } from '../whatsapp/phone/content';
import type { Phone } from '../whatsapp';
import type { SendStage } from './send-stage';

export function kindTests(stage: SendStage): void {
	let sender: Sender;
	let anna: Phone;
	const { to } = stage;
	const got = stage.got.bind(stage);
	beforeAll(() => void ({ sender, anna } = stage));

	test('a poll with one choice or many, which can be voted in', async () => {
		const choice = (...texts: string[]) => ({ choice: texts.map((text) => ({ text })) });
		const single = await sender.send('sendPoll', {
			...to,
			question: 'When?',
			choices: choice('Monday', 'Tuesday'),
			selectable: 1,
		});
		const poll = await got(anna, single.messageId);
		expect(poll.message.pollCreationMessageV3).toMatchObject({
			name: 'When?',
			options: [{ optionName: 'Monday' }, { optionName: 'Tuesday' }],
			selectableOptionsCount: 1,
		});
		expect(poll.stanza.attrs.type).toBe('poll');
		await anna.vote(poll, ['Tuesday']);
		const vote = await sender.me.waitForMessage(({ message }) => message.pollUpdateMessage != null);
		const own = await got(sender.me, single.messageId);
		expect(readVote(own, vote.message.pollUpdateMessage!, sender.me.lid, anna.lid)).toEqual([
			'Tuesday',
		]);

		const many = await sender.send('sendPoll', {
			...to,
			question: 'What?',
			choices: choice('Tea', 'Coffee', 'Water'),
			selectable: 0,
		});
		const { message } = await got(anna, many.messageId);
		expect(message.pollCreationMessage).toMatchObject({ name: 'What?', selectableOptionsCount: 0 });
	});

	test('a location and a live location', async () => {
		const sent = await sender.send('sendLocation', {
			...to,
			latitude: 52.5163,
			longitude: 13.3777,
			options: { name: 'Gate', address: 'Pariser Platz' },
		});
		expect((await got(anna, sent.messageId)).message.locationMessage).toMatchObject({
			degreesLatitude: 52.5163,
			degreesLongitude: 13.3777,
			name: 'Gate',
			address: 'Pariser Platz',
		});
		const live = await sender.send('sendLiveLocation', {
			...to,
			latitude: -33.9,
			longitude: 151.2,
			caption: 'on my way',
			options: { heading: 90, sequence: 2 },
		});
		expect((await got(anna, live.messageId)).message.liveLocationMessage).toMatchObject({
			degreesLatitude: -33.9,
			degreesLongitude: 151.2,
			caption: 'on my way',
			degreesClockwiseFromMagneticNorth: 90,
		});
	});

	test('one contact card, or several as one message', async () => {
		const card = (name: string, phones: string) => ({ name, phones, emails: '', organization: '' });
		const one = await sender.send('sendContacts', {
			...to,
			contacts: { contact: [card('Ben Example', '+1 555 010 0102')] },
		});
		const { message } = await got(anna, one.messageId);
		expect(message.contactMessage?.displayName).toBe('Ben Example');
		expect(message.contactMessage?.vcard).toContain('waid=15550100102:+15550100102');
		const two = await sender.send('sendContacts', {
			...to,
			contacts: {
				contact: [card('Ben', '+1 555 010 0102'), card('Me', '+1 555 010 0100, +1 555 010 0109')],
			},
		});
		const several = (await got(anna, two.messageId)).message.contactsArrayMessage;
		expect(several?.contacts?.map(({ displayName }) => displayName)).toEqual(['Ben', 'Me']);
	});

	test('a calendar event', async () => {
		const sent = await sender.send('sendEvent', {
			...to,
			name: 'Lunch',
			start: '2030-05-01T12:00:00.000Z',
			options: {
				end: '2030-05-01T13:00:00.000Z',
				placeName: 'Corner',
				description: 'bring nothing',
			},
		});
		const { message, stanza } = await got(anna, sent.messageId);
		expect(message.eventMessage).toMatchObject({
			name: 'Lunch',
			description: 'bring nothing',
			location: { name: 'Corner' },
		});
		expect(Number(message.eventMessage?.startTime)).toBe(Date.UTC(2030, 4, 1, 12) / 1000);
		expect(stanza.attrs.type).toBe('event');
	});
}
