import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Installation } from '../../src/installed';
import { systemClock } from '../../src/clock';

describe('whether the package is still installed', () => {
	let parent: string;
	let folder: string;
	let copies = 1;
	let now = 0;
	let installation: Installation;

	const put = () => {
		mkdirSync(folder, { recursive: true });
		writeFileSync(path.join(folder, 'package.json'), '{}');
	};

	beforeEach(() => {
		parent = mkdtempSync(path.join(tmpdir(), 'installed-'));
		folder = path.join(parent, 'n8n-nodes-whatsapp-linked');
		copies = 1;
		now = 0;
		const clock = { ...systemClock, now: () => now };
		installation = new Installation({ clock, folder, copies: () => copies });
		put();
	});

	afterEach(() => rmSync(parent, { recursive: true }));

	it('it is, while n8n fetches another version', () => {
		renameSync(folder, `${folder}.backup-1764169200000`);
		expect(installation.isThere()).toBe(true);
		mkdirSync(folder);
		expect(installation.isThere()).toBe(true);
		put();
		rmSync(`${folder}.backup-1764169200000`, { recursive: true });
		expect(installation.isThere()).toBe(true);
	});

	it('it is not, from its removal until n8n has loaded it again', () => {
		rmSync(folder, { recursive: true });
		expect(installation.isThere()).toBe(false);
		put();
		expect(installation.isThere()).toBe(false);
		copies = 2;
		expect(installation.isThere()).toBe(true);
	});

	it('it is again, when its folder was out of reach for a while', () => {
		rmSync(folder, { recursive: true });
		expect(installation.isThere()).toBe(false);
		put();
		expect(installation.isThere()).toBe(false);
		now += 5 * 60_000;
		expect(installation.isThere()).toBe(true);
	});
});
