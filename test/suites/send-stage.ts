/** What the suites of sending share: the node, linked, and people who get its messages. */
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { chat, type Sender, type Sent } from '../helpers/sender';
import type { Phone } from '../whatsapp';

export const ANNA = '+1 555 010 0101';
export const BEN = '+1 555 010 0102';

export class SendStage {
	sender!: Sender;
	anna!: Phone;
	ben!: Phone;
	readonly to = { chat: chat(ANNA) };

	/** What this phone received under this id. */
	async got(phone: Phone, id: string) {
		return await phone.waitForMessage((each) => each.id === id);
	}

	/** Sends a file to Anna and resolves with what her phone got. */
	async sendFile(operation: string, content: Buffer, more: IDataObject = {}, name?: string) {
		const items = [withFiles({ data: [content, name] })];
		return await this.received(
			await this.sender.send(operation, { ...this.to, ...more }, { items }),
		);
	}

	/** What Anna's phone got, with the file that it downloaded. */
	async received(sent: Sent) {
		const got = await this.got(this.anna, sent.messageId);
		return { ...got, file: await this.anna.downloadMedia(got) };
	}
}

/** One for each test file. Register parts of the suite after it. */
export function sendStage(start: () => Promise<Sender>): SendStage {
	const stage = new SendStage();
	beforeAll(async () => {
		stage.sender = await start();
		stage.anna = await stage.sender.server.phone(ANNA, { name: 'Anna' });
		stage.ben = await stage.sender.server.phone(BEN, { name: 'Ben' });
	});
	afterAll(async () => await stage.sender.stop());
	return stage;
}

/** An item with files, held in memory as n8n's default mode has it. */
export const withFiles = (
	files: Record<string, readonly [Buffer, string?]>,
): INodeExecutionData => ({
	json: {},
	binary: Object.fromEntries(
		Object.entries(files).map(([name, [content, fileName]]) => [
			name,
			{ data: content.toString('base64'), mimeType: 'application/octet-stream', fileName },
		]),
	),
});
