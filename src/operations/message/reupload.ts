import type { BaileysEventMap, proto, WASocket } from '@whiskeysockets/baileys';
import { loadBaileys, type Baileys } from '../../baileys';
import { LinkedError } from '../../errors';
import { fileOf } from '../../media/download';
import { isGroup, isStatus, sameJid } from '../../wa/ids';
import { defineOperation, type Owner } from '../types';

type Params = {
	/** Encoded proto.WebMessageInfo, base64. */
	message: string;
	/** Where it is not any more; asked for is only what is not known to be elsewhere. */
	goneFrom?: string;
};

/** As long as WhatsApp keeps files (belief: about two weeks for what was uploaded again). */
const KNOWN_MS = 14 * 24 * 60 * 60_000;
const movedName = (id: string) => `media-moved:${id}`;

/** A phone that is online answers within seconds; a large file has to be uploaded first. */
const PATIENCE_MS = 45_000;

/**
 * Asks the phone to upload the file of a message again, for a process that could not download it any
 * more. Baileys' updateMediaMessage would wait for the answer without an end. Not shown in the node.
 */
export const reupload = defineOperation<Params>({
	resource: 'media',
	operation: 'reupload',
	name: 'Ask for Media Again',
	description: 'Ask the phone to upload the file of a message again',
	action: 'Ask the phone to upload a file again',
	needs: 'socket',
	writes: false,
	fields: [],
	read: () => ({ message: '' }),
	async perform(owner, params) {
		const baileys = await loadBaileys();
		const info = baileys.proto.WebMessageInfo.decode(Buffer.from(params.message, 'base64'));
		const { id } = info.key ?? {};
		const mediaKey = fileOf(info.message)?.mediaKey;
		if (!id || !mediaKey?.length) throw new LinkedError('media-key-missing');
		const { facts } = owner.storage;
		const moved = await facts.get(movedName(id));
		const known = moved && Buffer.from(moved).toString('utf8');
		if (known && known !== params.goneFrom) return { directPath: known, asked: false };
		const socket = await owner.socket();
		const key = { ...keyFor(owner, info.key ?? {}), id };
		const directPath = await ask(owner, baileys, socket, key, mediaKey);
		await facts.set(movedName(id), Buffer.from(directPath), KNOWN_MS);
		await owner.fileMoved(id, directPath);
		return { directPath, asked: true };
	},
	sample: { directPath: '/v/t62/...', asked: true },
});

/** Only groups name who wrote it; elsewhere it is one of two. */
function keyFor(owner: Owner, { remoteJid, participant, fromMe }: proto.IMessageKey) {
	const { phone, lid } = owner.me;
	const byMe = fromMe === true || sameJid(participant, phone) || sameJid(participant, lid);
	const named = isGroup(remoteJid) || isStatus(remoteJid);
	return { remoteJid, fromMe: byMe, participant: named ? participant : undefined };
}

/** @throws LinkedError `media-unavailable` */
async function ask(
	owner: Owner,
	baileys: Baileys,
	socket: WASocket,
	key: proto.IMessageKey & { id: string },
	mediaKey: Uint8Array,
): Promise<string> {
	const enough = new AbortController();
	const signal = AbortSignal.any([owner.signal, enough.signal]);
	const unavailable = (detail: string, cause?: unknown) =>
		new LinkedError('media-unavailable', { detail, cause });
	let stop = () => {};
	const answer = new Promise<string>((resolve, reject) => {
		const listener = (updates: BaileysEventMap['messages.media-update']) => {
			const update = updates.find((each) => each.key.id === key.id);
			if (!update) return;
			try {
				if (!update.media) throw update.error ?? new Error('no answer in it');
				const told = baileys.decryptMediaRetryData(update.media, mediaKey, key.id);
				const { SUCCESS } = baileys.proto.MediaRetryNotification.ResultType;
				if (told.result !== SUCCESS || !told.directPath) throw new Error('no success');
				resolve(told.directPath);
			} catch (cause) {
				reject(unavailable('The phone does not have it either, or could not upload it.', cause));
			}
		};
		socket.ev.on('messages.media-update', listener);
		stop = () => socket.ev.off('messages.media-update', listener);
	});
	answer.catch(() => {});
	try {
		const me = owner.me.phone ?? owner.me.lid ?? '';
		await socket.sendNode(baileys.encryptMediaRetryRequest(key, mediaKey, me));
		const silence = owner.clock.sleep(PATIENCE_MS, signal).then(() => {
			throw unavailable('The phone did not answer: it must be online.');
		});
		return await Promise.race([answer, silence]);
	} finally {
		stop();
		enough.abort();
	}
}
