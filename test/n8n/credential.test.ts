/** The credential dialog in a real n8n: the linking code, and what it says when something is wrong. */
import type { IDataObject } from 'n8n-workflow';
import { RedisServer } from '../helpers/redis';
import { WhatsAppServer } from '../whatsapp';
import { Browser } from './harness/browser';
import { Editor } from './harness/editor';
import { CREDENTIAL_TYPE, linkByTest } from './harness/link';
import { N8n } from './harness/n8n';
import { freePorts } from './harness/ports';
import { readQrText } from './harness/qrText';

let server: WhatsAppServer;
let n8n: N8n;

beforeAll(async () => {
	server = await WhatsAppServer.start();
	n8n = await N8n.start({ env: server.env() });
}, 180_000);

afterAll(async () => {
	await n8n?.stop();
	await server?.stop();
}, 120_000);

/** Saves a credential and tests it, as the editor does. */
async function messageFor(data: IDataObject): Promise<string> {
	const credential = { name: 'WhatsApp', type: CREDENTIAL_TYPE, data };
	const { id } = await n8n.rest.createCredential(credential);
	const { status, message } = await n8n.rest.testCredential({ ...credential, id });
	expect(status).toBe('Error');
	return message;
}

it('links by the eight-character code, in the dark theme too', async () => {
	const phone = await server.phone('+1 555 010 0103', { name: 'Dora' });
	const browser = await Browser.start();
	try {
		const editor = await Editor.logIn(browser, n8n.url, { colorScheme: 'dark' });
		const dialog = await editor.newCredential();
		await dialog.fill('phoneNumber', '+1 555 010 0103');
		expect(await dialog.save()).toBe('red');
		const [, code] = /Linking code: (\w{4}-\w{4})/.exec(await dialog.moreDetails()) ?? [];
		const companion = await phone.enterCode(code!.replace('-', ''));
		await companion.ready;
		expect(await dialog.retry()).toBe('green');
	} finally {
		await browser.close();
	}
}, 120_000);

it('says so when the phone number holds letters', async () => {
	expect(await messageFor({ phoneNumber: '+1 555 CALL-ME' })).toMatch(
		/not a phone number.*country/s,
	);
});

it('says so when Redis cannot be reached', async () => {
	const [port] = await freePorts(1);
	const message = await messageFor({ storage: 'redis', redisHost: '127.0.0.1', redisPort: port });
	expect(message).toMatch(/could not be reached.*Redis/s);
});

it('says so when Redis refuses the password', async () => {
	const redis = await RedisServer.start({ password: 'right' });
	try {
		const message = await messageFor({
			storage: 'redis',
			redisHost: '127.0.0.1',
			redisPort: redis.port,
			redisPassword: 'wrong',
		});
		expect(message).toMatch(/refused the user or password/);
		expect(message).not.toContain('wrong');
	} finally {
		await redis.close();
	}
});

it('says so when the Redis address is no address', async () => {
	const message = await messageFor({
		storage: 'redis',
		redisConnection: 'url',
		redisUrl: 'http://somewhere',
	});
	expect(message).toMatch(/storage settings.*cannot be used/s);
});

it('says so, and shows a new code, when the phone has unlinked the device', async () => {
	const phone = await server.phone('+1 555 0104', { name: 'Emil' });
	const credential = await linkByTest(n8n.rest, phone);
	phone.unlink();
	const { status, message } = await n8n.rest.testCredential(credential);
	expect(status).toBe('Error');
	expect(message).toContain('unlinked on the phone');
	expect(readQrText(message)).toMatch(/^https:\/\/wa\.me\//);
});

it('says so when another number is linked than the one typed', async () => {
	const phone = await server.phone('+1 555 010 0105', { name: 'Finn' });
	const credential = await linkByTest(n8n.rest, phone);
	const data = { phoneNumber: '+1 555 010 0199' };
	const { status, message } = await n8n.rest.testCredential({ ...credential, data });
	expect(status).toBe('Error');
	expect(message).toMatch(/linked to \+15550100105, but its Phone Number says \+15550100199/);
});

it('says so when WhatsApp cannot be reached', async () => {
	const offline = await WhatsAppServer.start();
	const other = await N8n.start({ env: offline.env() });
	try {
		await offline.stop();
		const credential = { name: 'WhatsApp', type: CREDENTIAL_TYPE, data: {} };
		const { id } = await other.rest.createCredential(credential);
		const { message } = await other.rest.testCredential({ ...credential, id });
		expect(message).toMatch(/could not be reached|did not answer/);
	} finally {
		await other.stop();
	}
}, 180_000);
