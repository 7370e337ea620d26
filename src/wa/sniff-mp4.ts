import type { Sniffed } from './sniff';

/** ISO base media files (MP4 and its family) by their major brand. */
const BRANDS: ReadonlyArray<readonly [RegExp, Sniffed]> = [
	[/^M4[AB] |^F4[AB] /, { mimeType: 'audio/mp4', extension: 'm4a', group: 'audio' }],
	[/^3g[a-z0-9]{2}|^3g2/, { mimeType: 'video/3gpp', extension: '3gp', group: 'video' }],
	[/^qt {2}/, { mimeType: 'video/quicktime', extension: 'mov', group: 'video' }],
	[/^avif/, { mimeType: 'image/avif', extension: 'avif', group: 'image' }],
	[/^avis/, { mimeType: 'image/avif', extension: 'avif', group: 'image', animated: true }],
	[/^he[iv][cxms]|^mif1/, { mimeType: 'image/heic', extension: 'heic', group: 'image' }],
	[/^msf1/, { mimeType: 'image/heic', extension: 'heic', group: 'image', animated: true }],
	[/^crx /, { mimeType: 'image/x-canon-cr3', extension: 'cr3', group: 'image' }],
];

const MP4: Sniffed = { mimeType: 'video/mp4', extension: 'mp4', group: 'video' };

/** Tells the MP4 family apart; null when it is none. */
export function sniffBox(bytes: Uint8Array, text: string): Sniffed | null {
	if (!text.startsWith('ftyp', 4)) {
		// QuickTime files older than ftyp.
		return /^(?:moov|mdat|wide|free|skip)$/.test(text.slice(4, 8)) && text.includes('moov')
			? { mimeType: 'video/quicktime', extension: 'mov', group: 'video' }
			: null;
	}
	const brand = text.slice(8, 12);
	const known = BRANDS.find(([pattern]) => pattern.test(brand))?.[1];
	if (known) return known;
	return hasOnlySound(bytes, text)
		? { mimeType: 'audio/mp4', extension: 'm4a', group: 'audio' }
		: MP4;
}

/**
 * Recorders write sound alone under the brands of video too. Certain only when the whole `moov` box
 * is in sight.
 */
function hasOnlySound(bytes: Uint8Array, text: string): boolean {
	const at = text.indexOf('moov');
	if (at < 4) return false;
	const size = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32BE(at - 4);
	if (at - 4 + size > bytes.length) return false;
	// Handler boxes: version and flags, a reserved word, then the type of the track.
	const handlers = [...text.matchAll(/hdlr[^]{8}(vide|soun)/g)].map((match) => match[1]);
	return handlers.includes('soun') && !handlers.includes('vide');
}
