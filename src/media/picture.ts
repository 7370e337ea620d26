/** Profile pictures of people, groups and channels: a square JPEG, cut as the apps cut it. */
import type { NodeSide } from '../operations/types';
import { LinkedError } from '../errors';
import { fitsAs } from '../wa/media-fit';
import { squareJpeg } from './image';
import { openSource, Workspace, type MediaSource } from './source';

const MAX_BYTES = 100 * 1024 * 1024;
/** The side that the apps upload (Baileys' generateProfilePicture). */
const SIDE = 640;

/**
 * The picture as it is uploaded, base64. Runs where the node runs.
 * @throws LinkedError `bad-media` and what openSource throws
 */
export async function preparePicture(node: NodeSide, source: MediaSource): Promise<string> {
	const workspace = new Workspace();
	try {
		const file = await openSource(node.context, node.item, source, workspace, {
			maxBytes: MAX_BYTES,
			signal: node.signal,
		});
		const fits = fitsAs(file.head, 'image');
		if (!fits.ok) throw new LinkedError(fits.code, { detail: fits.detail });
		return (await squareJpeg(file.path, SIDE)).toString('base64');
	} finally {
		await workspace.remove();
	}
}
