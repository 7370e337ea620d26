/** What a web page says about itself: title, description and picture, by Open Graph or plain HTML. */

export interface PageMeta {
	title?: string;
	description?: string;
	image?: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	apos: "'",
	nbsp: ' ',
	ndash: '–',
	mdash: '—',
	hellip: '…',
};

/** @param type the Content-Type header, which may name the character set */
export function readMeta(body: Buffer, type: string): PageMeta {
	const html = decodeText(body, type);
	const found = new Map<string, string>();
	for (const [tag] of html.matchAll(/<meta\s[^>]{1,4000}>/gi)) {
		const name = (attribute(tag, 'property') ?? attribute(tag, 'name'))?.toLowerCase();
		const content = attribute(tag, 'content');
		if (name && content && !found.has(name)) found.set(name, text(content));
	}
	const title = /<title[^>]{0,500}>([^<]{0,2000})/i.exec(html)?.[1];
	return {
		title:
			found.get('og:title') || found.get('twitter:title') || (title && text(title)) || undefined,
		description:
			found.get('og:description') ||
			found.get('twitter:description') ||
			found.get('description') ||
			undefined,
		image: found.get('og:image:secure_url') || found.get('og:image') || found.get('twitter:image'),
	};
}

function attribute(tag: string, name: string): string | undefined {
	const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(
		tag,
	);
	return match?.[1] ?? match?.[2] ?? match?.[3];
}

const text = (raw: string): string =>
	raw
		.replace(/&(#x?[0-9a-f]{1,6}|[a-z]{2,8});/gi, (whole, name: string) => {
			if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
			const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
			return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
		})
		.replace(/\s+/g, ' ')
		.trim();

function decodeText(body: Buffer, type: string): string {
	const start = body.subarray(0, 2048).toString('latin1');
	const named =
		/charset=["']?([\w-]+)/i.exec(type)?.[1] ??
		/<meta[^>]{0,200}charset=["']?([\w-]+)/i.exec(start)?.[1];
	try {
		return new TextDecoder(named ?? 'utf-8').decode(body);
	} catch {
		return body.toString('utf8');
	}
}
