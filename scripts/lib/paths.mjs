/** Where things live in a clone. Everything made by the commands is under .cache, which git ignores. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const CACHE = path.join(ROOT, '.cache');
export const LOGS = path.join(CACHE, 'logs');
export const RESULTS = path.join(CACHE, 'results');
export const BIN = path.join(ROOT, 'node_modules', '.bin');

/** The pinned n8n: its package.json and lock file in the repository, its 2.8 GB in the cache. */
export const HOST_MANIFEST = path.join(ROOT, 'test', 'n8n', 'host');
export const HOST = path.join(CACHE, 'n8n-host');
export const N8N_BIN = path.join(HOST, 'node_modules', 'n8n', 'bin', 'n8n');

/** Our package as n8n's installer leaves it; what tests and `npm start` put into a user folder. */
export const PACKAGE = path.join(CACHE, 'n8n-package');
/** What it was made of: what would go to the registry. */
export const TARBALL = path.join(CACHE, 'n8n-package.tgz');
/** The user folder of `npm start`. It stays, so the number stays linked. */
export const HOME = path.join(CACHE, 'n8n-home');
