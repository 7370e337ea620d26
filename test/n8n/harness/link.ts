/** Linking a number in a real n8n without a browser: the credential test, and a phone that scans. */
import type { IDataObject } from 'n8n-workflow';
import type { Phone } from '../../whatsapp';
import { readQrText } from './qrText';
import type { CredentialJson, Rest } from './rest';

export const CREDENTIAL_TYPE = 'whatsAppLinkedApi';

export interface LinkedCredential extends CredentialJson {
	id: string;
}

/** Creates the credential, scans the QR that its test shows, and sees the test succeed. */
export async function linkByTest(
	rest: Rest,
	phone: Phone,
	data: IDataObject = {},
): Promise<LinkedCredential> {
	const credential = { name: `WhatsApp ${phone.number}`, type: CREDENTIAL_TYPE, data };
	const { id } = await rest.createCredential(credential);
	const saved = { ...credential, id };
	const shown = await rest.testCredential(saved);
	const qr = readQrText(shown.message);
	if (!qr) throw new Error(`The credential test shows no QR: ${shown.message}`);
	const companion = await phone.scan(qr);
	await companion.ready;
	const again = await rest.testCredential(saved);
	if (again.status !== 'OK') throw new Error(`Not linked after the scan: ${again.message}`);
	return saved;
}
