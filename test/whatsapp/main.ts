/**
 * The stand-in WhatsApp server on its own: `npm run whatsapp -- --port 8080 --admin-port 8081`.
 * Prints what to put into the environment of the client, then what to ask the admin address.
 */
import { parseArgs } from 'node:util';
import { WhatsAppServer } from './index';
import { Admin } from './server/admin';

function readPort(text: string | undefined, name: string): number {
	const port = Number(text ?? 0);
	if (!Number.isInteger(port) || port < 0 || port > 65_535) {
		throw new Error(`--${name} must be a port number, not "${text}"`);
	}
	return port;
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: { port: { type: 'string' }, 'admin-port': { type: 'string' } },
	});
	const port = readPort(values.port, 'port');
	const adminPort = readPort(values['admin-port'], 'admin-port');
	const server = await WhatsAppServer.start({ port });
	const admin = new Admin(server);
	await admin.listen(adminPort);
	for (const [name, value] of Object.entries(server.env())) console.log(`${name}=${value}`);
	console.log(`
Scan a QR as a phone:   curl --data-binary @qr.txt '${admin.url}/admin/scan?phone=%2B15550101'
Enter a linking code:   curl --data ABCD-EFGH '${admin.url}/admin/code?phone=%2B15550101'
Send a text as a phone: curl --data '{"from":"+15550102","to":"+15550101","text":"hi"}' ${admin.url}/admin/send
Read a phone's chats:   curl '${admin.url}/admin/messages?phone=%2B15550102'
Stop with Ctrl and C.`);
	const stop = () => {
		void (async () => {
			await admin.close();
			await server.stop();
		})();
	};
	process.once('SIGTERM', stop);
	process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
