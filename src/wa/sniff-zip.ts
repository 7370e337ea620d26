import type { Sniffed } from './sniff';

const OFFICE = 'application/vnd.openxmlformats-officedocument.';

/** What the names inside a ZIP file make of it. */
const INSIDE: ReadonlyArray<readonly [RegExp, Sniffed]> = [
	[
		/word\/(?:document|_rels|styles|theme)/,
		{ mimeType: `${OFFICE}wordprocessingml.document`, extension: 'docx', group: 'document' },
	],
	[
		/xl\/(?:workbook|_rels|worksheets|styles|theme)/,
		{ mimeType: `${OFFICE}spreadsheetml.sheet`, extension: 'xlsx', group: 'document' },
	],
	[
		/ppt\/(?:presentation|_rels|slides|theme)/,
		{ mimeType: `${OFFICE}presentationml.presentation`, extension: 'pptx', group: 'document' },
	],
	[
		/AndroidManifest\.xml/,
		{
			mimeType: 'application/vnd.android.package-archive',
			extension: 'apk',
			group: 'program',
		},
	],
	[
		/META-INF\/MANIFEST\.MF/,
		{ mimeType: 'application/java-archive', extension: 'jar', group: 'program' },
	],
	// WhatsApp's own animated stickers.
	[/animation\/animation\.json/, { mimeType: 'application/was', extension: 'was', group: 'image' }],
];

/** Types that say what they are in a first, uncompressed entry named "mimetype". */
const DECLARED: Readonly<Record<string, string>> = {
	'application/epub+zip': 'epub',
	'application/vnd.oasis.opendocument.text': 'odt',
	'application/vnd.oasis.opendocument.spreadsheet': 'ods',
	'application/vnd.oasis.opendocument.presentation': 'odp',
	'application/vnd.oasis.opendocument.graphics': 'odg',
};

/** What a ZIP file begins with: an entry, the end of an empty one, or a part of a split one. */
const ENTRIES = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'];

/** Tells ZIP files and what is made of them apart; null when it is none. */
export function sniffZip(text: string): Sniffed | null {
	if (!ENTRIES.some((entry) => text.startsWith(entry))) return null;
	// A local header is 30 bytes long, then come name and content.
	const declared = /^mimetype([a-z0-9.+/-]+?)PK/.exec(text.slice(30))?.[1] ?? '';
	const extension = Object.hasOwn(DECLARED, declared) ? DECLARED[declared] : undefined;
	if (extension) return { mimeType: declared, extension, group: 'document' };
	const known = INSIDE.find(([name]) => name.test(text))?.[1];
	return known ?? { mimeType: 'application/zip', extension: 'zip', group: 'archive' };
}
