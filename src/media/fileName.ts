/** Names of downloaded files: as the sender called them, fit for any disk. */
import type { MediaInfo } from '../wa/types';

/** Extensions where they are not the second half of the type. */
const EXTENSIONS: Readonly<Record<string, string>> = {
	'image/jpeg': 'jpg',
	'image/svg+xml': 'svg',
	'image/x-icon': 'ico',
	'audio/mpeg': 'mp3',
	'audio/mp4': 'm4a',
	'audio/x-wav': 'wav',
	'video/quicktime': 'mov',
	'video/3gpp': '3gp',
	'text/plain': 'txt',
	'text/calendar': 'ics',
	'text/markdown': 'md',
	'text/vcard': 'vcf',
	'text/x-vcard': 'vcf',
	'application/gzip': 'gz',
	'application/msword': 'doc',
	'application/vnd.ms-excel': 'xls',
	'application/vnd.ms-powerpoint': 'ppt',
	'application/vnd.rar': 'rar',
	'application/x-7z-compressed': '7z',
	'application/vnd.android.package-archive': 'apk',
	'application/vnd.oasis.opendocument.text': 'odt',
	'application/vnd.oasis.opendocument.spreadsheet': 'ods',
	'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
	'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
	'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
};

/** As most file systems allow, with room for what n8n adds. */
const MAX_LENGTH = 200;

function extensionOf(mimeType: string): string {
	const [type = ''] = mimeType.split(';');
	const known = EXTENSIONS[type.trim()];
	if (known) return known;
	const [, second = ''] = type.trim().split('/');
	return /^[a-z0-9]{1,5}$/.test(second) ? second : 'bin';
}

/**
 * The name that the sender gave, or one made of what it is and the message's id. Names come from
 * strangers: no path, no control characters, none that turn the direction of writing, which make
 * `photo_gpj.exe` look like `photo_exe.jpg`.
 */
export function fileNameOf(
	{ fileName, kind }: Pick<MediaInfo, 'fileName' | 'kind'>,
	mimeType: string,
	id: string,
): string {
	const given = (fileName ?? '')
		.replace(/[\p{Cc}\p{Cf}]/gu, '')
		.replace(/[/\\:*?"<>|]/g, '_')
		.trim()
		.replace(/^\.+/, '');
	const name = given || `${kind}-${id || 'file'}`;
	const extension = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0];
	const stem = extension ? name.slice(0, -extension.length) : name;
	const cut = [...stem].slice(0, MAX_LENGTH).join('');
	return cut + (extension ?? `.${extensionOf(mimeType)}`);
}
