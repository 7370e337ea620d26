import { LinkedError } from '../../errors';
import type { PairingOffer } from '../../session/state';
import { defineOperation, type JsonObject } from '../types';

/** How long to wait for the server's references. */
const OFFER_MS = 25_000;

type Params = {
	binaryProperty: string;
	/** Digits of a number that wants a code; the link page asks with it. */
	phone?: string | null;
};

export const getQr = defineOperation<Params>({
	resource: 'session',
	operation: 'getQr',
	name: 'Get QR',
	description:
		'Get the QR code (and the linking code when the credential has a phone number) to link the number',
	action: 'Get the QR code to link the number',
	needs: 'session',
	writes: false,
	fields: [
		{
			displayName: 'Put Output in Field',
			name: 'binaryProperty',
			type: 'string',
			default: 'data',
			required: true,
			hint: 'The name of the output binary field to put the picture in',
		},
	],
	read: (context, item) => ({
		binaryProperty: context.getNodeParameter('binaryProperty', item, 'data') as string,
	}),
	async perform(owner, { phone }) {
		const before = owner.session.lastError?.code;
		await owner.session.link(typeof phone === 'string' ? phone : undefined);
		const state = await owner.session.waitFor(
			(now) =>
				now.name === 'open' ||
				now.name === 'stopped' ||
				(now.name === 'unlinked' && now.error !== undefined) ||
				(now.name === 'pairing' && now.offer !== undefined && isFor(now.offer, phone)),
			OFFER_MS,
			owner.signal,
		);
		if (state?.name === 'open') return { linked: true, number: `+${state.me.phone}` };
		if (state?.name === 'pairing' && state.offer) {
			return {
				linked: false,
				qr: state.offer.qr,
				code: state.offer.code ?? null,
				codeRefused: state.offer.codeRefused ?? false,
				unlinked: before === 'logged-out',
				expiresAt: new Date(state.offer.expiresAt).toISOString(),
			};
		}
		throw state && 'error' in state && state.error
			? state.error
			: new LinkedError('connect-timeout');
	},
	async present(context, item, result, params) {
		const answer = result as JsonObject;
		if (typeof answer.qr !== 'string') return [{ json: answer, pairedItem: item }];
		const { toDataURL } = await import('qrcode');
		const dataUrl = await toDataURL(answer.qr, { margin: 4, scale: 6 });
		const png = Buffer.from(dataUrl.slice(dataUrl.indexOf(',') + 1), 'base64');
		const binary = await context.helpers.prepareBinaryData(png, 'whatsapp-qr.png', 'image/png');
		showInPanel(context, binary);
		return [
			{
				json: { ...answer, dataUrl },
				binary: { [String(params.binaryProperty)]: binary },
				pairedItem: item,
			},
		];
	},
	sample: {
		linked: false,
		qr: 'https://wa.me/settings/linked_devices#...',
		code: null,
		codeRefused: false,
		unlinked: false,
		expiresAt: '2026-11-23T09:31:00.000Z',
		dataUrl: 'data:image/png;base64,...',
	},
});

/** Whether a code that was asked for has come, or was refused. */
const isFor = ({ code, codeRefused }: PairingOffer, phone: unknown): boolean =>
	typeof phone !== 'string' || code !== undefined || codeRefused === true;

/**
 * Shows the picture above the output. n8n strips `data:` images there, so the picture is pointed at
 * by a signed address that expires; where binary data has no address (memory mode) nothing is shown.
 */
function showInPanel(
	context: Parameters<NonNullable<typeof getQr.present>>[0],
	binary: { id?: string; mimeType: string; data: string },
): void {
	if (!binary.id) return;
	const address = context.helpers.createBinarySignedUrl(binary, '5m');
	context.addExecutionHints({
		message: `<img src="${address}" alt="QR code to link the number">`,
		location: 'outputPane',
	});
}
