/** The file of an event's message. */
import { loadBaileys } from '../baileys';
import { fileOf, openFile, type OpenedFile } from '../media/download';
import { proxyAgent } from '../session/proxy';
import type { Envelope } from './envelope';

export type Attachment = OpenedFile;

export interface AttachmentOptions {
	maxBytes: number;
	/** Of the credential. */
	proxy?: string;
}

/**
 * Begins the download; undefined when the event has no file that can be had.
 * @throws LinkedError as openFile
 */
export async function openAttachment(
	{ event, message }: Envelope,
	{ maxBytes, proxy }: AttachmentOptions,
): Promise<Attachment | undefined> {
	if (!message) return undefined;
	const { proto } = await loadBaileys();
	const file = fileOf(proto.WebMessageInfo.decode(message).message);
	if (!file?.info.downloadable) return undefined;
	const agent = proxy ? await proxyAgent(proxy) : undefined;
	return await openFile(file, event.messageId ?? '', { maxBytes, agent });
}
