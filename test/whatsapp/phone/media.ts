/**
 * Encrypted media: upload, download, and the re-upload that companions ask for when a file has gone
 * from the server. Formats as in Baileys' messages-media.js.
 */
import { randomBytes } from 'node:crypto';
import { request } from 'node:https';

import type { PhoneCore } from './core';
import { parseJid } from './jids';
import type { Inbox } from './messages';
import { type BinaryNode, bytes, child, node } from './nodes';
import { type proto, wa } from './proto';
import type { Sender } from './send';
import {
	cbcDecrypt,
	cbcEncrypt,
	gcmDecrypt,
	gcmEncrypt,
	hkdf,
	hmacSha256,
	sha256,
} from './signal/kdf';

export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

const MAC_LENGTH = 10;
const KEY_INFO: Record<MediaKind, string> = {
	image: 'WhatsApp Image Keys',
	video: 'WhatsApp Video Keys',
	audio: 'WhatsApp Audio Keys',
	document: 'WhatsApp Document Keys',
	sticker: 'WhatsApp Image Keys',
};
const PATH: Record<MediaKind, string> = {
	image: '/mms/image',
	video: '/mms/video',
	audio: '/mms/audio',
	document: '/mms/document',
	sticker: '/mms/image',
};
const RETRY_INFO = 'WhatsApp Media Retry Notification';
/** MediaRetryNotification's NOT_FOUND, which the answer carries in clear. */
const NOT_FOUND = '2';

/** Where the parts of a media message about its file are, the same for all kinds. */
export interface MediaFile {
	url?: string | null;
	directPath?: string | null;
	mediaKey?: Uint8Array | null;
	fileSha256?: Uint8Array | null;
	fileEncSha256?: Uint8Array | null;
}

export type Uploaded = Required<MediaFile> & { fileLength: number; mediaKeyTimestamp: number };

/** The server does not have the file (any more). */
export class MediaGone extends Error {
	constructor(readonly status: number) {
		super(`The media server answered ${status}`);
		this.name = 'MediaGone';
	}
}

export class Media {
	/** Whether the phone answers companions that ask for media again. */
	answersRequests = true;
	/** Ids of messages whose media companions have asked for. */
	readonly requests: string[] = [];
	/** What is on this phone: by hash of the file's content. */
	private readonly stored = new Map<string, Buffer>();

	constructor(
		private readonly core: PhoneCore,
		private readonly inbox: Inbox,
		private readonly sender: Sender,
	) {
		core.on('receipt', 'server-error', (stanza) => {
			this.requests.push(stanza.attrs.id ?? '');
			if (this.answersRequests) core.background(async () => await this.uploadAgain(stanza));
		});
	}

	/** Encrypts and uploads; with an earlier key, the same encrypted file comes out again. */
	async upload(content: Buffer, kind: MediaKind, mediaKey = randomBytes(32)): Promise<Uploaded> {
		const { iv, cipher, mac } = keysOf(mediaKey, kind);
		const secret = cbcEncrypt(cipher, iv, content);
		const file = Buffer.concat([secret, hmacSha256(mac, iv, secret).subarray(0, MAC_LENGTH)]);
		const fileEncSha256 = sha256(file);
		const answer = await this.core.query('w:m', 'set', [node('media_conn')]);
		const auth = encodeURIComponent(child(answer, 'media_conn')?.attrs.auth ?? '');
		const token = fileEncSha256.toString('base64url');
		const path = `${PATH[kind]}/${token}?auth=${auth}&token=${token}`;
		const { body } = await this.http('POST', path, file);
		const { url, direct_path } = JSON.parse(body.toString()) as Record<string, string>;
		if (!direct_path) throw new Error('The media server did not say where the file is');
		const fileSha256 = sha256(content);
		this.stored.set(fileSha256.toString('base64'), content);
		return {
			url: url ?? null,
			directPath: direct_path,
			mediaKey,
			fileSha256,
			fileEncSha256,
			fileLength: content.length,
			mediaKeyTimestamp: this.core.seconds,
		};
	}

	/** Downloads and decrypts; throws when the file, its MAC or its hash is not what was announced. */
	async download(message: proto.IMessage): Promise<Buffer> {
		const { kind, file } = mediaOf(message);
		if (!file.directPath) throw new Error('The message names no file');
		const { body } = await this.http('GET', file.directPath);
		if (!file.mediaKey?.length) {
			// Files of channels are not encrypted.
			if (!file.fileSha256 || !sha256(body).equals(file.fileSha256)) {
				throw new Error('The file has another hash than announced');
			}
			return body;
		}
		if (file.fileEncSha256 && !sha256(body).equals(file.fileEncSha256)) {
			throw new Error('The encrypted file has another hash than announced');
		}
		const { iv, cipher, mac } = keysOf(file.mediaKey, kind);
		const secret = body.subarray(0, -MAC_LENGTH);
		const expected = hmacSha256(mac, iv, secret).subarray(0, MAC_LENGTH);
		if (!expected.equals(body.subarray(-MAC_LENGTH))) throw new Error('Bad MAC of a media file');
		const content = cbcDecrypt(cipher, iv, secret);
		if (file.fileSha256 && !sha256(content).equals(file.fileSha256)) {
			throw new Error('The file has another hash than announced');
		}
		this.stored.set(sha256(content).toString('base64'), content);
		return content;
	}

	/** What the media server has under a path, as it is: pictures of people and groups. */
	async downloadAt(path: string): Promise<Buffer> {
		return (await this.http('GET', path)).body;
	}

	/** A companion could not download: upload from this phone's memory and say where it is now. */
	private async uploadAgain(stanza: BinaryNode): Promise<void> {
		const { id = '', from = '' } = stanza.attrs;
		const message =
			this.inbox.find(id)?.message ?? this.sender.sent.find((sent) => sent.id === id)?.message;
		const media = message && findMedia(message);
		const content = this.stored.get(Buffer.from(media?.file.fileSha256 ?? []).toString('base64'));
		const { jid, from_me, participant } = child(stanza, 'rmr')?.attrs ?? {};
		const rmr = node('rmr', { jid, from_me, participant });
		const answer = (details: BinaryNode) =>
			this.core.send(
				node('notification', { id, to: from, type: 'mediaretry', t: String(this.core.seconds) }, [
					details,
					rmr,
				]),
			);
		if (!media?.file.mediaKey || !content) {
			answer(node('error', { code: NOT_FOUND }));
			return;
		}
		const key = hkdf(media.file.mediaKey, 32, RETRY_INFO);
		const encrypted = child(stanza, 'encrypt');
		const asked = gcmDecrypt(
			key,
			bytes(child(encrypted, 'enc_iv')) ?? Buffer.alloc(12),
			bytes(child(encrypted, 'enc_p')) ?? Buffer.alloc(16),
			Buffer.from(id),
		);
		if (wa().ServerErrorReceipt.decode(asked).stanzaId !== id) {
			throw new Error(`${parseJid(from).device} asked for the media of another message`);
		}
		const { directPath } = await this.upload(content, media.kind, Buffer.from(media.file.mediaKey));
		const { ResultType } = wa().MediaRetryNotification;
		const told = wa()
			.MediaRetryNotification.encode({ stanzaId: id, directPath, result: ResultType.SUCCESS })
			.finish();
		const iv = randomBytes(12);
		answer(
			node('encrypt', {}, [
				node('enc_p', {}, gcmEncrypt(key, iv, told, Buffer.from(id))),
				node('enc_iv', {}, iv),
			]),
		);
	}

	private async http(
		method: 'GET' | 'POST',
		path: string,
		content?: Buffer,
	): Promise<{ body: Buffer }> {
		const url = new URL(path, this.core.host.mediaUrl);
		return await new Promise((resolve, reject) => {
			// The stand-in's certificate is its own; this phone lives in the same process and only ever
			// talks to loopback, so it is not checked here. Clients under test do check it.
			const asked = request(
				url,
				{ method, rejectUnauthorized: false, headers: { 'content-length': content?.length ?? 0 } },
				(response) => {
					const chunks: Buffer[] = [];
					response.on('data', (chunk: Buffer) => chunks.push(chunk));
					response.on('error', reject);
					response.on('end', () => {
						const status = response.statusCode ?? 0;
						if (status >= 200 && status < 300) resolve({ body: Buffer.concat(chunks) });
						else reject(new MediaGone(status));
					});
				},
			);
			asked.on('error', reject);
			asked.end(content);
		});
	}
}

function keysOf(mediaKey: Uint8Array, kind: MediaKind) {
	const keys = hkdf(mediaKey, 112, KEY_INFO[kind]);
	return { iv: keys.subarray(0, 16), cipher: keys.subarray(16, 48), mac: keys.subarray(48, 80) };
}

function findMedia(message: proto.IMessage): { kind: MediaKind; file: MediaFile } | undefined {
	const inner =
		message.viewOnceMessage?.message ??
		message.viewOnceMessageV2?.message ??
		message.viewOnceMessageV2Extension?.message ??
		message.ephemeralMessage?.message ??
		message.documentWithCaptionMessage?.message;
	if (inner) return findMedia(inner);
	const kinds: Array<[MediaKind, MediaFile | null | undefined]> = [
		['image', message.imageMessage],
		['video', message.videoMessage ?? message.ptvMessage],
		['audio', message.audioMessage],
		['document', message.documentMessage],
		['sticker', message.stickerMessage],
	];
	const [kind, file] = kinds.find(([, content]) => content) ?? [];
	return kind && file ? { kind, file } : undefined;
}

function mediaOf(message: proto.IMessage): { kind: MediaKind; file: MediaFile } {
	const media = findMedia(message);
	if (!media) throw new Error('The message holds no media');
	return media;
}
