import jsQR from 'jsqr';
import sharp from 'sharp';
import { Sender } from '../helpers/sender';

let sender: Sender;
beforeAll(async () => {
	sender = await Sender.start({}, 'filesystem');
});
afterAll(async () => {
	await sender.stop();
});

test('Get QR gives text, data URL and a picture, points the output panel at it, and can be scanned', async () => {
	await sender.run('logOut', { resource: 'session' });
	const run = await sender.run('getQr', { resource: 'session', binaryProperty: 'qr' });
	const [task] = run.data.resultData.runData.WhatsApp ?? [];
	const item = task?.data?.main?.[0]?.[0];
	const json = item?.json as { linked: boolean; qr: string; dataUrl: string };
	expect(json.linked).toBe(false);
	expect(item?.binary?.qr).toMatchObject({ mimeType: 'image/png', fileName: 'whatsapp-qr.png' });

	const png = Buffer.from(json.dataUrl.slice(json.dataUrl.indexOf(',') + 1), 'base64');
	const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
	expect(jsQR(new Uint8ClampedArray(data), info.width, info.height)?.data).toBe(json.qr);

	const shown = (task?.hints ?? []).map(({ message }) => message).join();
	expect(shown).toMatch(/^<img src="[^"]*\/binary-data\/signed\?token=[^"]+"/);
	// The code itself is behind the signed address, not in the hint.
	expect(shown).not.toContain(json.qr);

	await sender.me.scan(json.qr);
});
