import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	ICredentialDataDecryptedObject,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { ask, type JsonObject } from '../../src/operations';
import { readCredential, runtime, type AccountSettings } from '../../src/runtime';
import { qrText } from './qrText';

/** Six references: the first lives 60 s, the others 20 s each (Baileys rc14); then some. */
const STAY_OPEN_MS = 180_000;
const ANSWER_MS = 30_000;

const HOW_TO_SCAN =
	'On the phone open WhatsApp > Settings > Linked devices > Link a device and scan this code. ' +
	'It lasts 30 seconds; press Retry for a new one, and press Retry after scanning to see that it worked. ' +
	'Code broken or cut off? Zoom out with Ctrl and minus, use the light theme, or fill in Phone Number above for a code to type.';

/** The credential test: links the number, or says that it is linked. */
export async function linkNumber(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
): Promise<INodeCredentialTestResult> {
	try {
		const settings = readCredential(credential, credential.data ?? {});
		return await verdict(settings, await offer(settings));
	} catch (error) {
		const known = LinkedError.from(error);
		return { status: 'Error', message: `${known.message} ${known.next}` };
	}
}

async function offer(settings: AccountSettings): Promise<JsonObject> {
	const hold = await runtime().hold(settings);
	// The test ends at once, but the number must stay open to being scanned.
	setTimeout(() => hold.release(), STAY_OPEN_MS).unref();
	const params = { binaryProperty: 'data' };
	return await ask(hold.value, 'session.getQr', params, { timeoutMs: ANSWER_MS });
}

async function verdict(
	settings: AccountSettings,
	answer: JsonObject,
): Promise<INodeCredentialTestResult> {
	if (answer.linked === true) {
		const number = String(answer.number);
		if (settings.phone && number !== `+${settings.phone}`) {
			return {
				status: 'Error',
				message: `This credential is linked to ${number}, but its Phone Number says +${settings.phone}. Correct the field, or log out and link the other number.`,
			};
		}
		return { status: 'OK', message: `Connected as ${number}` };
	}
	const code = typeof answer.code === 'string' ? answer.code : undefined;
	const parts: string[] = [];
	if (answer.unlinked === true) {
		parts.push('The number was unlinked on the phone, so it has to be linked again.');
	}
	if (code) {
		parts.push(
			`Linking code: ${code.slice(0, 4)}-${code.slice(4)}.`,
			'On the phone open WhatsApp > Settings > Linked devices > Link a device > Link with phone number instead, and type it. Then press Retry. Or scan:',
		);
	} else if (answer.codeRefused === true) {
		parts.push(
			`WhatsApp gave no linking code for +${settings.phone ?? ''}: check the Phone Number. Scanning still works:`,
		);
	}
	parts.push(await qrText(String(answer.qr)), HOW_TO_SCAN);
	return { status: 'Error', message: parts.join(' ') };
}
