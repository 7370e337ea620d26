/** What the page is told, as server-sent events: the code to scan, again and again, until it is linked. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LinkedError } from '../../../src/errors';
import { ask, type JsonObject } from '../../../src/operations';
import { runtime, type AccountSettings } from '../../../src/runtime';

/** `refused`: what was typed is no phone number; `over`: nobody has scanned for long. */
export type Tell = (
	event: 'offer' | 'linked' | 'problem' | 'refused' | 'over',
	data: JsonObject,
) => void;

const LOOK_MS = 1_500;
const RETRY_MS = 5_000;
const ANSWER_MS = 30_000;
/** A page that was forgotten open does not ask WhatsApp for codes for ever. */
const PAGE_MS = 15 * 60_000;

/**
 * Tells of offers until the number is linked, the page is closed or nobody has scanned for long.
 * @param phone the number to link with a code, as typed
 */
export async function tellOffers(
	settings: AccountSettings,
	phone: string | undefined,
	tell: Tell,
	closed: AbortSignal,
): Promise<void> {
	const until = Date.now() + PAGE_MS;
	let shown = '';
	await runtime().use(settings, async (number) => {
		while (!closed.aborted) {
			if (Date.now() > until) {
				tell('over', {});
				return;
			}
			let pause = LOOK_MS;
			try {
				const params = { phone: phone ?? null };
				const options = { timeoutMs: ANSWER_MS, signal: closed };
				const offer = await ask(number, 'session.getQr', params, options);
				if (offer.linked === true) {
					tell('linked', { number: masked(String(offer.number)) });
					return;
				}
				const now = JSON.stringify([offer.qr, offer.code]);
				if (now !== shown) tell('offer', await shownOffer(offer));
				shown = now;
			} catch (error) {
				if (closed.aborted) return;
				const known = LinkedError.from(error);
				tell('problem', { message: `${known.message} ${known.next}` });
				pause = RETRY_MS;
			}
			await sleep(pause, undefined, { signal: closed }).catch(() => {});
		}
	});
}

async function shownOffer(offer: JsonObject): Promise<JsonObject> {
	const { toString } = await import('qrcode');
	const svg = await toString(String(offer.qr), { type: 'svg', margin: 1 });
	const code = typeof offer.code === 'string' ? offer.code : undefined;
	return {
		picture: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
		code: code ? `${code.slice(0, 4)}-${code.slice(4)}` : null,
		problem:
			offer.codeRefused === true
				? 'WhatsApp gave no code for this number. Check it, or scan the picture.'
				: null,
	};
}

/** The page may be seen by others than the owner of the number. */
const masked = (number: string): string =>
	number.length > 6 ? `${number.slice(0, 3)} ••• ${number.slice(-2)}` : number;
