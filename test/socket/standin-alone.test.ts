import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeClient } from '../whatsapp/testing/client';

const root = join(__dirname, '../..');

describe('the stand-in server as a program of its own', () => {
	let child: ChildProcessWithoutNullStreams;
	const env: Record<string, string> = {};
	let admin = '';

	beforeAll(async () => {
		child = spawn(process.execPath, ['--import', 'tsx', 'test/whatsapp/main.ts'], { cwd: root });
		for await (const line of createInterface({ input: child.stdout })) {
			const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
			if (name && value) env[name] = value;
			admin = /http:\/\/[\d.:]+/.exec(line)?.[0] ?? admin;
			if (line.startsWith('Stop')) break;
		}
	});
	afterAll(() => child.kill('SIGKILL'));

	const post = async (path: string, body: string) => {
		const answer = await fetch(`${admin}${path}`, { method: 'POST', body });
		return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
	};

	it('prints the three variables, scans a QR, sends, and stops on SIGTERM', async () => {
		const { readFile } = await import('node:fs/promises');
		const server = {
			url: env['WHATSAPP_LINKED_URL'] ?? '',
			rootKey: Buffer.from(env['WHATSAPP_LINKED_ROOT_KEY'] ?? '', 'hex'),
			caPem: await readFile(env['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8'),
		};
		const first = await makeClient(server);
		const qr = await first.qr();
		expect((await post('/admin/scan', qr)).json).toEqual({ error: 'phone is missing' });
		expect((await post('/admin/scan?phone=%2B15550101', 'nonsense')).status).toBe(422);
		expect((await post('/admin/scan?phone=%2B15550101', qr)).json).toEqual({ device: 1 });
		await first.closed();
		const client = await makeClient(server, { auth: first.auth });
		await client.opened();

		expect((await post('/admin/send', 'nonsense')).status).toBe(400);
		const sent = await post(
			'/admin/send',
			JSON.stringify({ from: '+15550102', to: '+15550101', text: 'hello from outside' }),
		);
		expect(sent.json).toEqual({ id: expect.any(String) as string });
		const heard = await client.text('hello from outside');
		await client.say(heard.key.remoteJid ?? '', 'hello back');
		const messages = await fetch(`${admin}/admin/messages?phone=%2B15550102`);
		expect(JSON.stringify(await messages.json())).toContain('hello back');
		expect((await fetch(`${admin}/nothing`)).status).toBe(404);

		const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
		child.kill('SIGTERM');
		expect(await client.closed()).toBe(428);
		expect(await ended).toBe(0);
		await Promise.all([first.stop(), client.stop()]);
	});

	it('says what is wrong with its arguments', async () => {
		const bad = spawn(
			process.execPath,
			['--import', 'tsx', 'test/whatsapp/main.ts', '--port', 'eighty'],
			{ cwd: root },
		);
		let text = '';
		bad.stderr.on('data', (part: Buffer) => (text += part.toString()));
		expect(await new Promise((resolve) => bad.on('exit', resolve))).toBe(1);
		expect(text).toContain('--port must be a port number, not "eighty"');
	});
});
