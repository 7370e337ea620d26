/** Chromium for the tests: as a person sits before it, at a given window size, light or dark. */
import { existsSync } from 'node:fs';
import { chromium, type Browser as Playwright, type Page } from 'playwright-core';

const CANDIDATES = [
	process.env.CHROMIUM_PATH,
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export interface Window {
	width?: number;
	height?: number;
	colorScheme?: 'light' | 'dark';
	/** Physical pixels per CSS pixel: 2 on many laptops. */
	scale?: number;
}

export class Browser {
	private constructor(private readonly playwright: Playwright) {}

	static async start(): Promise<Browser> {
		const executablePath = CANDIDATES.find((file) => file && existsSync(file));
		if (!executablePath) throw new Error('No Chromium found; set CHROMIUM_PATH to one.');
		const playwright = await chromium.launch({
			executablePath,
			headless: true,
			args: [
				'--no-sandbox',
				'--disable-gpu',
				'--disable-quic',
				'--no-first-run',
				'--disable-background-networking',
				'--disable-component-update',
				'--disable-sync',
			],
		});
		return new Browser(playwright);
	}

	/** A new window with no memory of others. Requests to anything but loopback are refused. */
	async open({ width = 1280, height = 900, colorScheme = 'light', scale = 1 }: Window = {}) {
		const context = await this.playwright.newContext({
			viewport: { width, height },
			colorScheme,
			deviceScaleFactor: scale,
			locale: 'en-US',
		});
		await context.route(
			(url) => !['127.0.0.1', 'localhost'].includes(url.hostname),
			(route) => route.abort(),
		);
		return await context.newPage();
	}

	async close() {
		await this.playwright.close();
	}
}

export type { Page };
