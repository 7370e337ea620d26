/** The offers to link a number, while a person asked for it. */
import type { PairingOffer } from './state';
import type { WASocket } from './socket';

/** First QR lives 60 s, later ones 20 s (Baileys rc14, lib/Socket/socket.js). */
const QR_LIFE_MS = { first: 60_000, later: 20_000 } as const;

export interface PairingDeps {
	now(): number;
	/** Shows an offer; without one, that it is being made. */
	show(offer?: PairingOffer): void;
}

export class Pairing {
	private qrCount = 0;
	private offer?: PairingOffer;
	private over = false;

	/**
	 * @param phone digits of the number to link with a code; a QR is offered in any case
	 */
	constructor(
		readonly phone: string | undefined,
		private readonly deps: PairingDeps,
	) {}

	/** What is on its way is not shown any more. */
	end(): void {
		this.over = true;
	}

	onQr(qr: string, socket: WASocket): void {
		const life = this.qrCount++ === 0 ? QR_LIFE_MS.first : QR_LIFE_MS.later;
		const { code, codeRefused } = this.offer ?? {};
		const offer: PairingOffer = { qr, code, codeRefused, expiresAt: this.deps.now() + life };
		if (this.phone && this.qrCount === 1) {
			this.deps.show();
			void this.askForCode(this.phone, offer, socket);
			return;
		}
		this.show(offer);
	}

	private async askForCode(phone: string, offer: PairingOffer, socket: WASocket): Promise<void> {
		try {
			this.show({ ...offer, code: await socket.requestPairingCode(phone) });
		} catch {
			this.show({ ...offer, codeRefused: true });
		}
	}

	private show(offer: PairingOffer): void {
		if (this.over) return;
		this.offer = offer;
		this.deps.show(offer);
	}
}
