/** What an event looks like as an item of the workflow. */
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { openAttachment, rawMessage, type Envelope } from '../../src/runtime';
import type { TriggerSettings } from './settings';

interface Media {
	kind?: string;
	downloadable?: boolean;
}

/** Runs inside the execution, so that files belong to it and are removed with it. */
export async function present(
	context: IExecuteFunctions,
	settings: TriggerSettings,
	envelope: Envelope,
	proxy?: string,
): Promise<INodeExecutionData> {
	const json = { ...envelope.event } as unknown as IDataObject;
	if (settings.raw) json.raw = (await rawMessage(envelope)) as IDataObject | null;
	const item: INodeExecutionData = { json };
	const { download } = settings;
	const media = envelope.event.media as Media | null | undefined;
	if (!download || !media?.downloadable) return item;
	if (download.kinds.size > 0 && !download.kinds.has(media.kind ?? '')) return item;
	try {
		const file = await openAttachment(envelope, { maxBytes: download.maxBytes, proxy });
		if (!file) return item;
		const { stream, fileName, mimeType } = file;
		const data = await context.helpers.prepareBinaryData(stream, fileName, mimeType);
		return { json, binary: { [download.field]: data } };
	} catch (error) {
		// The message itself must not be lost with its file.
		const known = LinkedError.from(error);
		json.mediaError = { code: known.code, message: known.message, next: known.next };
		return item;
	}
}
