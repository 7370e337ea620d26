/** Voice notes and audio files. */
import { fitsAsVoiceNote, inspectOggOpus } from '../../src/wa/ogg';
import { testFfmpeg, wav, withFfmpeg } from '../helpers/mediaFiles';
import type { Sender } from '../helpers/sender';
import { withFiles, type SendStage } from './send-stage';

export function soundTests(stage: SendStage): void {
	let sender: Sender;
	const { to } = stage;
	const sendFile = stage.sendFile.bind(stage);
	beforeAll(() => void ({ sender } = stage));

	describe('a voice note', () => {
		const plays = async (file: Buffer) => {
			const read = await inspectOggOpus(file);
			if (!read.ok) throw new Error(read.detail);
			expect(fitsAsVoiceNote(read.value).ok).toBe(true);
			expect(read.value.complete).toBe(true);
			return read.value;
		};

		test('of WAV becomes mono OGG/Opus with duration and a waveform that grows', async () => {
			const got = await sendFile('sendVoice', wav(3));
			expect((await plays(got.file)).seconds).toBeCloseTo(3, 1);
			const { audioMessage } = got.message;
			expect(audioMessage).toMatchObject({
				ptt: true,
				mimetype: 'audio/ogg; codecs=opus',
				seconds: 3,
			});
			const bars = [...(audioMessage?.waveform ?? [])];
			expect(bars).toHaveLength(64);
			expect(Math.max(...bars)).toBe(100);
			expect(bars[8]!).toBeLessThan(bars[32]!);
			expect(bars[32]!).toBeLessThan(bars[60]!);
		});

		test('of MP3 and of stereo OGG is converted, too, and sounds the same', async () => {
			const mp3 = withFfmpeg(wav(2, 22_050), ['-f', 'mp3']);
			const fromMp3 = await sendFile('sendVoice', mp3);
			expect((await plays(fromMp3.file)).seconds).toBeCloseTo(2, 0);
			const stereo = withFfmpeg(wav(2), ['-c:a', 'libopus', '-ac', '2', '-f', 'ogg']);
			const fromOgg = await sendFile('sendVoice', stereo);
			expect(fromOgg.file).not.toEqual(stereo);
			expect((await plays(fromOgg.file)).seconds).toBeCloseTo(2, 1);
			// The tone is still the tone: 440 Hz cross zero 880 times a second.
			for (const { file } of [fromMp3, fromOgg]) {
				const pcm = withFfmpeg(file, ['-f', 's16le', '-ac', '1', '-ar', '48000']);
				let crossings = 0;
				for (let at = 48_000; at < 2 * 72_000; at += 2) {
					crossings +=
						Math.sign(pcm.readInt16LE(at)) !== Math.sign(pcm.readInt16LE(at + 2)) ? 1 : 0;
				}
				expect(Math.abs(crossings - 880)).toBeLessThan(15);
			}
		});

		test('that is right already is not touched', async () => {
			const right = withFfmpeg(wav(1), ['-c:a', 'libopus', '-ac', '1', '-f', 'ogg']);
			const got = await sendFile('sendVoice', right);
			expect(got.file).toEqual(right);
			expect(got.message.audioMessage?.waveform).toHaveLength(64);
		});

		test('is known to have been played', async () => {
			const got = await sendFile('sendVoice', wav(1));
			const about = { messageId: got.id, kind: 'played' };
			expect(await sender.send('waitForReceipt', { ...about, seconds: 1 })).toMatchObject({
				reached: false,
			});
			const waiting = sender.send('waitForReceipt', { ...about, seconds: 30 });
			stage.anna.markPlayed(got);
			expect(await waiting).toMatchObject({
				reached: true,
				status: 'played',
				playedAt: expect.any(String),
			});
		});

		test('of a kind that only ffmpeg reads is made with it, or refused without', async () => {
			const aac = withFfmpeg(wav(2), ['-c:a', 'aac', '-f', 'adts']);
			const items = [withFiles({ data: [aac] })];
			expect(await sender.refusal('sendVoice', to, { items })).toMatchObject({
				code: 'not-convertible',
			});
			process.env.FFMPEG_PATH = testFfmpeg();
			const got = await sendFile('sendVoice', aac);
			expect((await plays(got.file)).seconds).toBeCloseTo(2, 0);
		});
	});

	test('sound as an audio file goes untouched where phones play it', async () => {
		const mp3 = withFfmpeg(wav(2), ['-f', 'mp3']);
		const got = await sendFile('sendAudio', mp3);
		expect(got.file).toEqual(mp3);
		expect(got.message.audioMessage).toMatchObject({ mimetype: 'audio/mpeg', seconds: 2 });
		expect(got.message.audioMessage?.ptt ?? false).toBe(false);
		const converted = await sendFile('sendAudio', wav(1));
		expect(converted.message.audioMessage?.mimetype).toBe('audio/ogg; codecs=opus');
	});
}
