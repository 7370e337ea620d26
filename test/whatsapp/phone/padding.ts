/** WhatsApp pads what it encrypts with 1 to 16 bytes, each holding their number. */
import { randomInt } from 'node:crypto';

import { type proto, wa } from './proto';

export function encodeMessage(message: proto.IMessage): Buffer {
	const length = randomInt(1, 17);
	return Buffer.concat([wa().Message.encode(message).finish(), Buffer.alloc(length, length)]);
}

export function decodeMessage(padded: Buffer): proto.Message {
	const length = padded.at(-1) ?? 0;
	if (length === 0 || length > padded.length) throw new Error('Bad padding');
	return wa().Message.decode(padded.subarray(0, -length));
}
