/** Profile pictures: the fields of operations that set one, and what the owner asks of WhatsApp. */
import { preparePicture } from '../media/picture';
import type { MediaSource } from '../media/source';
import { childOf } from '../wa/nodes';
import type { Meaning } from './asked';
import { mediaFields, readSource } from './message/mediaInput';
import { query } from './query';
import type { NodeSide, Owner } from './types';

/** Where the picture comes from: Input Type, and the field or the address. */
export const pictureFields = mediaFields();

export const readPicture = readSource;

export type PictureParams = {
	source: MediaSource;
	/** JPEG, base64; what became of the source. */
	picture?: string;
};

/** For `prepare`: the file is read and cut where the node runs. @throws LinkedError `bad-media` */
export async function withPicture<P extends PictureParams>(node: NodeSide, params: P): Promise<P> {
	return { ...params, picture: await preparePicture(node, params.source) };
}

/**
 * Sets the picture of the number itself or of a group, or takes it away. Baileys' own
 * updateProfilePicture would convert it once more, in the owner's process.
 * @param picture JPEG, base64; undefined takes it away
 * @param group whose picture; the own one when absent
 * @returns the id of the new picture
 * @throws LinkedError `bad-media` when WhatsApp does not take the file
 */
export async function setPicture(
	owner: Owner,
	picture: string | undefined,
	group?: string,
	meanings: Readonly<Record<number, Meaning>> = {},
): Promise<string | null> {
	const image = picture && {
		tag: 'picture',
		attrs: { type: 'image' },
		content: Buffer.from(picture, 'base64'),
	};
	const answer = await query(
		owner,
		{
			to: 's.whatsapp.net',
			type: 'set',
			xmlns: 'w:profile:picture',
			target: group,
			content: image ? [image] : undefined,
		},
		{ 406: 'bad-media', ...meanings },
	);
	return childOf(answer, 'picture')?.attrs.id ?? null;
}
