/** docs/performance.md: what was measured last, between hand-written explanations. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export interface Measured {
	part: string;
	output: string;
	ok: boolean;
}

/** In this order; each has a place `<!-- part -->` ... `<!-- /part -->` on the page. */
export const PARTS: Record<string, string> = {
	crypto: 'Signatures and group encryption',
	send: 'Sending',
	receive: 'Receiving',
	memory: 'Memory',
	history: 'History',
	scale: 'Many numbers, several processes',
	link: 'Linking and connecting',
	start: 'Start of n8n',
};

const PAGE = join(__dirname, '../../docs/performance.md');

const block = (text: string) =>
	['```text', stripVTControlCharacters(text).trim(), '```'].join('\n');

function machine(): string {
	const [cpu] = cpus();
	const memory = Math.round(totalmem() / 1024 ** 3);
	const load = loadavg().map((value) => value.toFixed(1));
	return (
		`${cpus().length} x ${cpu?.model ?? 'unknown processor'}, ${memory} GB, Node ${process.version}, ` +
		`${process.platform}; load at the end ${load.join(' ')}; ${new Date().toISOString().slice(0, 10)}.`
	);
}

/** Puts the figures into the page; the text around them stays. */
export function writePage(measured: readonly Measured[]): void {
	let page = existsSync(PAGE)
		? readFileSync(PAGE, 'utf8')
		: '# Performance\n\n<!-- machine -->\n<!-- /machine -->\n';
	const put = (name: string, text: string, title: string) => {
		const place = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`);
		const filled = `<!-- ${name} -->\n\n${text}\n\n<!-- /${name} -->`;
		page = place.test(page)
			? page.replace(place, () => filled)
			: `${page.trimEnd()}\n\n## ${title}\n\n${filled}\n`;
	};
	put('machine', machine(), 'Machine');
	for (const { part, output, ok } of measured) {
		if (ok) put(part, block(output), PARTS[part] ?? part);
	}
	writeFileSync(PAGE, page);
}
