import { fail, ok, type Result } from './result';
import { sniff, type Sniffed } from './sniff';

/** As what a file is to be sent. Anything may be sent as a file (document). */
export type SendAs = 'image' | 'video' | 'gif' | 'ptv' | 'audio' | 'voice' | 'sticker';

const NAMES: Readonly<Record<SendAs, string>> = {
	image: 'an image',
	video: 'a video',
	gif: 'a GIF',
	ptv: 'a round video',
	audio: 'audio',
	voice: 'a voice note',
	sticker: 'a sticker',
};

/**
 * Whether the bytes can be sent as this, by what they are and not by what they are called. Images are
 * converted later (JPEG, WebP), so any raster image will do; videos are not.
 * @param head the first bytes of the file, SNIFF_BYTES of them if there are as many.
 */
export function fitsAs(head: Uint8Array, as: SendAs): Result<Sniffed> {
	const no = (detail: string) => fail('bad-media', detail);
	if (head.length === 0) return no('The file is empty (0 bytes).');
	const found = sniff(head);
	const what = NAMES[as];
	if (found?.group === 'web') {
		return no(
			`It is a web page, not ${what}. If it comes from an address, that led to an error or login page.`,
		);
	}
	if (found === null) return no(`Its bytes are not those of ${what}.`);
	switch (as) {
		case 'image':
		case 'sticker':
			if (found.mimeType === 'image/svg+xml') {
				return no('WhatsApp shows no SVG as image; convert it to PNG or send it as a file.');
			}
			return found.group === 'image' ? ok(found) : no(`It is ${found.mimeType}, not ${what}.`);
		case 'video':
		case 'gif':
		case 'ptv':
			if (as === 'gif' && found.mimeType === 'image/gif') {
				return no('WhatsApp sends GIFs as MP4 video; convert it to MP4 first.');
			}
			if (found.group !== 'video') return no(`It is ${found.mimeType}, not ${what}.`);
			// What phones play; facts from WhatsApp's help on supported formats.
			return ['video/mp4', 'video/3gpp', 'video/quicktime'].includes(found.mimeType)
				? ok(found)
				: no(
						`Phones do not play ${found.mimeType} in WhatsApp; convert it to MP4 (H.264 with AAC) or send it as a file.`,
					);
		case 'audio':
		case 'voice':
			// An MP4 whose index is at its end cannot be told from a video here.
			return found.group === 'audio' || ['video/mp4', 'video/3gpp'].includes(found.mimeType)
				? ok(found)
				: no(`It is ${found.mimeType}, not ${what}.`);
	}
}
