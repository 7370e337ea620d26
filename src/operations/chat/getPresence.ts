import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import { LinkedError } from '../../errors';
import { isPerson, sameJid } from '../../wa/ids';
import { asked } from '../asked';
import { chatField, checkChat, readChat, resolveChat } from '../chat';
import { asNumber, badField, readCollection, optionsCollection } from '../fields';
import { defineOperation, type JsonObject } from '../types';

type Params = { chat: string; seconds: number };

/** WhatsApp answers a subscription within a second, or not at all when it may not tell. */
const SECONDS = 5;
const MAX_SECONDS = 60;

export const getPresence = defineOperation<Params>({
	resource: 'chat',
	operation: 'getPresence',
	name: 'Get Presence',
	description:
		'Get whether a person is online, or was last seen when, as far as they let this number see it. This number shows itself as online for that moment, because WhatsApp tells it only then.',
	action: 'Get the presence of a person',
	needs: 'socket',
	writes: false,
	timeoutMs: ({ seconds }) => 60_000 + seconds * 1_000,
	fields: [
		chatField({ displayName: 'Person', description: 'Whose presence is wanted' }),
		optionsCollection([
			{
				displayName: 'Wait Seconds',
				name: 'seconds',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: MAX_SECONDS },
				default: SECONDS,
				description: 'How long to wait for an answer before the presence counts as unknown',
			},
		]),
	],
	read(context, item) {
		const { seconds = SECONDS } = readCollection(context, item, 'options');
		const wait = asNumber(seconds, 'Wait Seconds');
		if (wait < 1 || wait > MAX_SECONDS) {
			throw badField('Wait Seconds', `it must be between 1 and ${MAX_SECONDS}.`);
		}
		return { chat: checkChat(readChat(context, item)), seconds: wait };
	},
	async perform(owner, { chat, seconds }) {
		const address = await resolveChat(owner, chat);
		if (!isPerson(address)) {
			throw new LinkedError('bad-recipient', { detail: 'Only people have a presence.' });
		}
		const person = await owner.person(address);
		const phone = person?.phone ? `${person.phone.slice(1)}@s.whatsapp.net` : null;
		const socket = await owner.socket();
		const asking = owner.online.during(socket, async () => {
			const enough = new AbortController();
			const late = owner.clock
				.sleep(seconds * 1_000, AbortSignal.any([enough.signal, owner.signal]))
				.then(() => undefined);
			const answer = firstPresence(socket, [address, person?.lid, phone], enough.signal);
			try {
				await socket.presenceSubscribe(address);
				return await Promise.race([answer, late]);
			} finally {
				enough.abort();
				late.catch(() => {});
			}
		});
		const told = await asked(asking);
		return { person: person && { ...person }, ...presenceOf(told) };
	},
	sample: {
		person: {
			id: '200000000000101@lid',
			lid: '200000000000101@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
		},
		presence: 'offline',
		lastSeen: '2026-11-23T09:30:00.000Z',
		lastSeenHidden: false,
	},
});

/** The attributes of the next `presence` about one of these addresses. */
async function firstPresence(
	socket: WASocket,
	addresses: ReadonlyArray<string | null | undefined>,
	signal: AbortSignal,
): Promise<BinaryNode['attrs'] | undefined> {
	return await new Promise((resolve) => {
		const listener = ({ attrs }: BinaryNode) => {
			if (!addresses.some((address) => sameJid(address, attrs.from))) return;
			stop(attrs);
		};
		const stop = (found?: BinaryNode['attrs']) => {
			socket.ws.off('CB:presence', listener);
			signal.removeEventListener('abort', onAbort);
			resolve(found);
		};
		const onAbort = () => stop();
		socket.ws.on('CB:presence', listener);
		signal.addEventListener('abort', onAbort, { once: true });
	});
}

/** `last` is a time in seconds, or a word (`deny` and others) when it may not be seen (whatsmeow). */
function presenceOf(attrs: BinaryNode['attrs'] | undefined): JsonObject {
	if (!attrs) return { presence: 'unknown', lastSeen: null, lastSeenHidden: null };
	if (attrs.type !== 'unavailable') {
		return { presence: 'online', lastSeen: null, lastSeenHidden: false };
	}
	const seconds = Number(attrs.last);
	const known = Number.isFinite(seconds) && seconds > 0;
	return {
		presence: 'offline',
		lastSeen: known ? new Date(seconds * 1_000).toISOString() : null,
		lastSeenHidden: !known,
	};
}
