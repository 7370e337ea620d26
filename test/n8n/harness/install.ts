/** What scripts/setup.mjs has prepared: the pinned n8n, and our package as users get it. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../../..');
const SETUP = path.join(ROOT, 'scripts/setup.mjs');

export const PACKAGE_NAME = 'n8n-nodes-whatsapp-linked';
/** The extracted tarball with its dependencies, as n8n's installer leaves it. */
export const PACKAGE_DIR = path.join(ROOT, '.cache/n8n-package');
/** What would go to the registry. */
export const TARBALL = path.join(ROOT, '.cache/n8n-package.tgz');
/** Where the pinned n8n is installed. */
export const HOST_DIR = path.join(ROOT, '.cache/n8n-host');
export const N8N_BIN = path.join(HOST_DIR, 'node_modules/n8n/bin/n8n');
export const NODE_BIN = path.join(ROOT, 'node_modules/.bin/node');

/** Puts the prepared package into an n8n user folder, as n8n's own installer leaves it there. */
export function installIntoUserFolder(userFolder: string) {
	execFileSync(NODE_BIN, [SETUP, `--into=${userFolder}`], {
		stdio: ['ignore', 'ignore', 'inherit'],
	});
}

/** Before the suite: n8n is there, and the package is built from the present sources. */
export default function setUp() {
	execFileSync(NODE_BIN, [SETUP, 'system', 'n8n'], { stdio: 'inherit' });
}
