/**
 * An npm registry that has nothing but our package, and the `npm` that n8n finds on its path: the
 * machine's own, sent there for our package. n8n 2.41 names https://registry.npmjs.org in each of
 * its commands, and takes another registry only with a licence; so the address is changed where the
 * commands pass, and n8n's own code runs as it is.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	chmodSync,
	copyFileSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PACKAGE_NAME, TARBALL } from './install';

type Manifest = Record<string, unknown> & { version: string };

interface Release {
	manifest: Manifest;
	tarball: Buffer;
}

export class Registry {
	readonly #folder = mkdtempSync(path.join(tmpdir(), 'registry-'));
	readonly #releases = new Map<string, Release>();
	readonly #server: Server;
	#latest = '';

	private constructor() {
		this.#server = createServer(({ url = '' }, response) => this.#answer(url, response));
	}

	/** With one release: the package as it is. */
	static async start(): Promise<Registry> {
		const registry = new Registry();
		await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
		const file = path.join(registry.#folder, 'release.tgz');
		copyFileSync(TARBALL, file);
		registry.#add(file);
		registry.#writeNpm();
		return registry;
	}

	async stop() {
		await new Promise<void>((resolve) => {
			this.#server.close(() => resolve());
			this.#server.closeAllConnections();
		});
		rmSync(this.#folder, { recursive: true, force: true });
	}

	/** For n8n's environment. */
	env(): Record<string, string> {
		return { PATH: [this.#bin, process.env.PATH].join(path.delimiter) };
	}

	get latest(): string {
		return this.#latest;
	}

	/** The same package under another version, as a release would have it. */
	publish(version: string) {
		const from = path.join(this.#folder, 'release.tgz');
		execFileSync('tar', ['-xzf', from, '-C', this.#folder]);
		const content = path.join(this.#folder, 'package');
		for (const file of ['package.json', 'dist/src/version.js']) {
			const text = readFileSync(path.join(content, file), 'utf8');
			if (!text.includes(this.#latest)) throw new Error(`No version in ${file}`);
			writeFileSync(path.join(content, file), text.replace(this.#latest, version));
		}
		execFileSync('tar', ['-czf', from, '-C', this.#folder, 'package']);
		rmSync(content, { recursive: true });
		this.#add(from);
	}

	get #bin() {
		return path.join(this.#folder, 'bin');
	}

	get #url() {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	#add(file: string) {
		const manifest = JSON.parse(
			execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' }),
		) as Manifest;
		this.#releases.set(manifest.version, { manifest, tarball: readFileSync(file) });
		this.#latest = manifest.version;
	}

	#answer(url: string, response: ServerResponse) {
		const file = /^\/tarballs\/(.+)\.tgz$/.exec(url);
		if (file) return response.end(this.#releases.get(file[1]!)?.tarball);
		if (url !== `/${PACKAGE_NAME}`) return response.writeHead(404).end('{}');
		const versions = [...this.#releases].map(([version, { manifest, tarball }]) => {
			const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
			const dist = { integrity, tarball: `${this.#url}/tarballs/${version}.tgz` };
			return [version, { ...manifest, _id: `${PACKAGE_NAME}@${version}`, dist }] as const;
		});
		response.setHeader('content-type', 'application/json');
		response.setHeader('cache-control', 'no-cache');
		response.end(
			JSON.stringify({
				_id: PACKAGE_NAME,
				name: PACKAGE_NAME,
				'dist-tags': { latest: this.#latest },
				versions: Object.fromEntries(versions),
			}),
		);
	}

	/** What asks for our package goes to this registry, the dependencies to the machine's own. */
	#writeNpm() {
		const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
		mkdirSync(this.#bin);
		const script = path.join(this.#bin, 'npm');
		writeFileSync(
			script,
			`#!/bin/sh
for argument do
	shift
	case $argument in --registry=*) ;; *) set -- "$@" "$argument" ;; esac
done
case $1 in
	install) exec ${npm} "$@" --prefer-offline ;;
	*) exec ${npm} "$@" --registry=${this.#url} --cache=${path.join(this.#folder, 'cache')} ;;
esac
`,
		);
		chmodSync(script, 0o755);
	}
}
