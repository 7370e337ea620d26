/** Reads the QR code that the credential test draws with half blocks, one word a row. */
import jsQR from 'jsqr';

/** Pixels a module: enough for the decoder to find the finder patterns. */
const SCALE = 4;

/** @returns the code's text, or undefined if the message shows none that can be read */
export function readQrText(message: string): string | undefined {
	const rows = message.split(/\s+/).filter((word) => /^[░█▀▄]{20,}$/.test(word));
	const width = rows[0]?.length ?? 0;
	if (width === 0 || rows.some((row) => row.length !== width)) return undefined;
	const height = rows.length * 2;
	const pixels = new Uint8ClampedArray(width * height * SCALE * SCALE * 4).fill(255);
	for (let y = 0; y < height * SCALE; y++) {
		for (let x = 0; x < width * SCALE; x++) {
			const glyph = rows[Math.floor(y / (2 * SCALE))]![Math.floor(x / SCALE)]!;
			const upper = Math.floor(y / SCALE) % 2 === 0;
			if (glyph === '█' || glyph === (upper ? '▀' : '▄')) {
				pixels.fill(0, 4 * (y * width * SCALE + x), 4 * (y * width * SCALE + x) + 3);
			}
		}
	}
	return jsQR(pixels, width * SCALE, height * SCALE)?.data;
}
