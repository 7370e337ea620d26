/** The n8n of `npm start`: for a person, with data that stays in .cache/n8n-home. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installIntoUserFolder } from './n8n.mjs';
import { once } from './once.mjs';
import { BIN, HOME, N8N_BIN, ROOT } from './paths.mjs';
import { childEnv, Explained, follow, run, step } from './processes.mjs';

const NODE = path.join(BIN, 'node');
const EXAMPLE = path.join(ROOT, 'examples', 'auto-reply.json');
const LOG = path.join(HOME, 'n8n.log');

/** Starts n8n and stays until it ends. */
export async function serve() {
	const port = await freePort(5678);
	const env = childEnv({
		N8N_USER_FOLDER: HOME,
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PORT: String(port),
		N8N_RUNNERS_BROKER_PORT: String(await freePort(5679)),
		N8N_SECURE_COOKIE: 'false', // http://localhost, also in Safari
		N8N_DIAGNOSTICS_ENABLED: 'false',
	});
	await step('user folder', () => prepareHome(env));
	const address = `http://localhost:${port}`;
	await step(`starting n8n on ${address}`, () => startAndStay(env, address));
}

async function prepareHome(env) {
	fs.mkdirSync(HOME, { recursive: true });
	await installIntoUserFolder(HOME);
	// Once only: what the person makes of the example afterwards is theirs.
	await once('n8n-home', path.join(HOME, '.example-imported'), 'yes', async () => {
		// n8n's import wants an id; a file for people to import by hand has none.
		const workflow = { id: 'WhatsAppAutoRepl', ...JSON.parse(fs.readFileSync(EXAMPLE, 'utf8')) };
		const file = path.join(HOME, 'example.json');
		fs.writeFileSync(file, JSON.stringify(workflow));
		await run(NODE, [N8N_BIN, 'import:workflow', `--input=${file}`], {
			env,
			log: 'n8n-import',
			what: 'Importing the example workflow',
		});
	});
	await run(NODE, [path.join(ROOT, 'scripts', 'lib', 'register.mjs')], {
		log: 'n8n-register',
		what: 'Registering the package in n8n',
	});
}

async function startAndStay(env, address) {
	const log = fs.openSync(LOG, 'w');
	const child = follow(
		spawn(NODE, [N8N_BIN, 'start'], {
			cwd: HOME,
			env,
			stdio: ['ignore', log, log],
			detached: true,
		}),
	);
	fs.closeSync(log);
	let ended = false;
	const end = new Promise((resolve) => child.once('exit', resolve)).then(() => (ended = true));
	while (!ended && !fs.readFileSync(LOG, 'utf8').includes('Editor is now accessible')) {
		await delay(200);
	}
	if (!ended) console.log(nextSteps(address));
	await end;
	if (child.exitCode !== 0 && child.signalCode === null) {
		const tail = fs.readFileSync(LOG, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
		throw new Explained(`n8n ended with exit code ${child.exitCode}.\n${tail}\nLog: ${LOG}`);
	}
}

const nextSteps = (address) => `
n8n runs at ${address} (log: ${LOG})

  1. Open ${address} and make an account (it stays on this computer).
  2. Credentials > Create credential > "WhatsApp Linked Device API" > Save. The test under it
     turns red: press "More details", scan the QR code with WhatsApp on your phone
     (Settings > Linked devices > Link a device), then press Retry: it turns green.
  3. Open the workflow "WhatsApp auto-reply", choose your credential in both nodes and publish it.
     From then on your number answers.

Ctrl-C stops n8n; the number stays linked. To start from nothing, log out in the workflow
(Session > Log Out) and delete ${HOME}.
`;

/** The port, or the next one that is free. */
async function freePort(wanted) {
	for (let port = wanted; port < wanted + 100; port++) {
		const free = await new Promise((resolve) => {
			const server = createServer()
				.once('error', () => resolve(false))
				.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
		});
		if (free) return port;
	}
	throw new Explained(`No port from ${wanted} to ${wanted + 99} is free.`);
}
