/** How an event and the message behind it are stored in the inbox: JSON, then protobuf, sealed. */
import { loadBaileys } from '../baileys';
import type { LinkedEvent } from '../events';

export interface Envelope {
	event: LinkedEvent;
	/** Encoded proto.WebMessageInfo. */
	message?: Uint8Array;
}

/**
 * Layout: 4 bytes length of the JSON, JSON, encoded message.
 * @param message encoded proto.WebMessageInfo
 */
export function pack(event: LinkedEvent, message?: Uint8Array): Uint8Array {
	const json = JSON.stringify(event);
	const length = Buffer.byteLength(json);
	const packed = Buffer.allocUnsafe(4 + length + (message?.length ?? 0));
	packed.writeUInt32BE(length);
	packed.write(json, 4);
	if (message) packed.set(message, 4 + length);
	return packed;
}

export function unpack(bytes: Uint8Array): Envelope {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const length = buffer.readUInt32BE(0);
	const event = JSON.parse(buffer.toString('utf8', 4, 4 + length)) as LinkedEvent;
	const rest = buffer.subarray(4 + length);
	return rest.length > 0 ? { event, message: rest } : { event };
}

/** The message behind an event as WhatsApp has it, as plain JSON (bytes as base64); null without. */
export async function rawMessage({ message }: Envelope): Promise<Record<string, unknown> | null> {
	if (!message) return null;
	const { proto } = await loadBaileys();
	return proto.WebMessageInfo.decode(message).toJSON() as Record<string, unknown>;
}
