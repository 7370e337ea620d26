/** Files: what the virtual phone downloads, decrypts and is told about them. */
import type { Sender } from '../helpers/sender';
import { placeTests } from './send-places';
import { pictureTests } from './send-pictures';
import { soundTests } from './send-sounds';
import { sendStage } from './send-stage';

export function sendMediaSuite(start: () => Promise<Sender>): void {
	const stage = sendStage(start);
	beforeEach(() => {
		// A host without ffmpeg, whatever this one has.
		process.env.FFMPEG_PATH = '/nowhere/ffmpeg';
	});
	pictureTests(stage);
	soundTests(stage);
	placeTests(stage);
}
