/** Which versions run here, for reports of what is wrong. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Versions {
	package: string;
	baileys: string;
	node: string;
	/** Only where n8n says it in the environment, as its official image does. */
	n8n: string | null;
}

let known: Versions | undefined;

export function versions(): Versions {
	if (known) return known;
	const { version, dependencies } = manifest();
	known = {
		package: version,
		// Pinned exactly.
		baileys: dependencies['@whiskeysockets/baileys'] ?? 'unknown',
		node: process.versions.node,
		n8n: process.env.N8N_VERSION ?? null,
	};
	return known;
}

/** The package's own package.json; built code lies one folder deeper than its source. */
function manifest(): { version: string; dependencies: Record<string, string> } {
	for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
		try {
			const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
				name?: string;
				version?: string;
				dependencies?: Record<string, string>;
			};
			if (found.name === 'n8n-nodes-whatsapp-linked') {
				return { version: found.version ?? 'unknown', dependencies: found.dependencies ?? {} };
			}
		} catch {
			// None here.
		}
	}
	return { version: 'unknown', dependencies: {} };
}
