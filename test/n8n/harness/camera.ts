/** Reads a QR code from a screenshot as a phone's camera does: grey and never quite sharp. */
import jsQR from 'jsqr';
import sharp from 'sharp';

/**
 * Decodes the QR code in a picture.
 *
 * @param png the screenshot
 * @param sigma blur in pixels of the picture; 2.25 to 3 CSS pixels is what a hand-held camera does
 *   at the distance at which the code fills its view
 * @returns the text of the code, or undefined if none can be read
 */
export async function readQr(png: Buffer, sigma = 2.5): Promise<string | undefined> {
	const { data: grey, info } = await sharp(png)
		.grayscale()
		.blur(sigma)
		.raw()
		.toBuffer({ resolveWithObject: true });
	if (info.channels !== 1) throw new Error(`${info.channels} channels instead of grey`);
	const pixels = new Uint8ClampedArray(grey.length * 4).fill(255);
	for (let i = 0; i < grey.length; i++) pixels.fill(grey[i]!, i * 4, i * 4 + 3);
	return jsQR(pixels, info.width, info.height)?.data;
}
