/** What the virtual phone receives and decrypts for every operation without a file. */
import type { Sender } from '../helpers/sender';
import { changeTests } from './send-changes';
import { kindTests } from './send-kinds';
import { sendStage } from './send-stage';
import { textTests } from './send-texts';

export function sendMessageSuite(start: () => Promise<Sender>): void {
	const stage = sendStage(start);
	textTests(stage);
	kindTests(stage);
	changeTests(stage);
}
