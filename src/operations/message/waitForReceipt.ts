import { LinkedError } from '../../errors';
import { asNumber, badField, readText } from '../fields';
import { defineOperation, type JsonObject, type MessageReceipts } from '../types';
import { messageIdField, readMessageId } from './target';

type Kind = 'delivered' | 'read' | 'played';
type Params = { messageId: string; kind: Kind | 'now'; seconds: number };

const MAX_SECONDS = 3_600;

export const waitForReceipt = defineOperation<Params>({
	resource: 'message',
	operation: 'waitForReceipt',
	name: 'Wait for Delivery',
	description:
		'Wait until a message that this number sent is delivered, read or played, or tell how far it has come',
	action: 'Wait for delivery of a message',
	needs: 'session',
	writes: false,
	timeoutMs: ({ kind, seconds }) => 30_000 + (kind === 'now' ? 0 : seconds * 1_000),
	fields: [
		messageIdField,
		{
			displayName: 'Wait Until',
			name: 'kind',
			type: 'options',
			options: [
				{ name: 'Delivered', value: 'delivered' },
				{ name: 'Do Not Wait', value: 'now', description: 'Tell what is known now' },
				{ name: 'Played', value: 'played', description: 'For voice notes and video notes' },
				{ name: 'Read', value: 'read', description: 'Needs read receipts on both sides' },
			],
			default: 'delivered',
		},
		{
			displayName: 'For at Most',
			name: 'seconds',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: MAX_SECONDS },
			default: 60,
			description: 'How many seconds to wait; after that the output says that it was not reached',
			displayOptions: { hide: { kind: ['now'] } },
		},
	],
	read(context, item) {
		const kind = readText(context, item, 'kind');
		if (!['delivered', 'read', 'played', 'now'].includes(kind)) {
			throw badField('Wait Until', 'choose one of the list.');
		}
		const seconds = asNumber(context.getNodeParameter('seconds', item, 60), 'For at Most');
		if (seconds < 1 || seconds > MAX_SECONDS) {
			throw badField('For at Most', `it must be 1 to ${MAX_SECONDS} seconds.`);
		}
		return { messageId: readMessageId(context, item), kind: kind as Params['kind'], seconds };
	},
	async perform(owner, { messageId, kind, seconds }) {
		const known = await owner.findMessage(messageId);
		if (known && !known.key.fromMe) throw new LinkedError('not-yours');
		const receipts = await owner.receipts(
			messageId,
			kind === 'now'
				? undefined
				: { enough: (now) => reached(now, kind), timeoutMs: seconds * 1_000 },
		);
		if (!known && Object.keys(receipts.by).length === 0) {
			throw new LinkedError('not-found', {
				detail: 'No message with this ID was sent here lately.',
				data: { messageId },
			});
		}
		return {
			messageId,
			chat: known?.key.remoteJid ?? null,
			...described(receipts),
			reached: kind === 'now' || reached(receipts, kind),
		};
	},
	sample: {
		messageId: '3EB0A1B2C3D4E5F60718',
		chat: '200000000000101@lid',
		status: 'read',
		deliveredAt: '2026-11-23T09:30:01.000Z',
		readAt: '2026-11-23T09:31:00.000Z',
		playedAt: null,
		people: [
			{
				id: '200000000000101@lid',
				deliveredAt: '2026-11-23T09:30:01.000Z',
				readAt: '2026-11-23T09:31:00.000Z',
				playedAt: null,
			},
		],
		reached: true,
	},
});

/** What is read was delivered, and what is played was read, whether or not that was said. */
const HIGHER: Record<Kind, Kind[]> = {
	delivered: ['delivered', 'read', 'played'],
	read: ['read', 'played'],
	played: ['played'],
};

const reached = ({ by }: MessageReceipts, kind: Kind): boolean =>
	Object.values(by).some((one) => HIGHER[kind].some((each) => one[each] !== undefined));

function described({ by }: MessageReceipts): JsonObject {
	const iso = (seconds: number | undefined) =>
		seconds === undefined ? null : new Date(seconds * 1_000).toISOString();
	const first = (kind: Kind) => {
		const times = Object.values(by).flatMap((one) => one[kind] ?? []);
		return times.length > 0 ? iso(Math.min(...times)) : null;
	};
	const status = (['played', 'read', 'delivered'] as const).find((kind) =>
		Object.values(by).some((one) => one[kind] !== undefined),
	);
	return {
		status: status ?? 'sent',
		deliveredAt: first('delivered'),
		readAt: first('read'),
		playedAt: first('played'),
		people: Object.entries(by).map(([id, { delivered, read, played }]) => ({
			id,
			deliveredAt: iso(delivered),
			readAt: iso(read),
			playedAt: iso(played),
		})),
	};
}
