import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '../helpers/storage';

const ROOT = resolve(__dirname, '../..');

/** Runs a program in a process of its own; resolves with exit code and output. */
async function run(program: string): Promise<{ code: number; output: string }> {
	const folder = temporaryFolder('guard');
	const file = join(folder.path, 'program.ts');
	writeFileSync(file, program);
	try {
		return await new Promise((done) => {
			execFile(
				process.execPath,
				['--import', 'tsx', file],
				{ cwd: ROOT },
				(error, stdout, stderr) =>
					done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
			);
		});
	} finally {
		folder.remove();
	}
}

const HEAD = `
import { EventEmitter } from 'node:events';
import { catchStrayRejections, makeGuarded } from '${ROOT}/src/session/guard';
import { silentLog } from '${ROOT}/src/log';
const alive = () => setTimeout(() => console.log('alive'), 50);
`;

test('a listener of Baileys that fails does not end the process', async () => {
	const { code, output } = await run(`${HEAD}
		const socket = makeGuarded(() => {
			const ws = new EventEmitter();
			const ev = new EventEmitter();
			ws.on('CB:message', async () => { throw new Error('Connection Closed'); });
			ev.on('creds.update', async () => { throw new Error('Connection Closed'); });
			return { ws, ev: { on: (...given) => ev.on(...given), emit: (...given) => ev.emit(...given) } } as never;
		}, silentLog);
		socket.ws.emit('CB:message');
		socket.ev.emit('creds.update', {});
		alive();
	`);
	expect({ code, output }).toEqual({ code: 0, output: 'alive\n' });
});

test('a promise that Baileys drops does not end the process', async () => {
	const { code, output } = await run(`${HEAD}
		catchStrayRejections(silentLog);
		const error = new Error('x');
		error.stack = 'Error: x\\n    at send (file:///n8n/node_modules/@whiskeysockets/baileys/lib/Socket/socket.js:1:1)';
		void Promise.reject(error);
		alive();
	`);
	expect({ code, output }).toEqual({ code: 0, output: 'alive\n' });
});

test("anybody else's rejection ends the process as it would without us", async () => {
	const { code, output } = await run(`${HEAD}
		catchStrayRejections(silentLog);
		void Promise.reject(new Error('of somebody else'));
		alive();
	`);
	expect(code).toBe(1);
	expect(output).toContain('of somebody else');
	expect(output).not.toContain('alive');
});

test('emitters made afterwards are as they were before', async () => {
	const { output } = await run(`${HEAD}
		makeGuarded(() => ({ ws: new EventEmitter(), ev: new EventEmitter() }) as never, silentLog);
		console.log(EventEmitter.captureRejections);
	`);
	expect(output).toBe('false\n');
});
