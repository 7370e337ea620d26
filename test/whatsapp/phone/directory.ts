/** What a device knows about who is who: phone numbers and LIDs of the same people. */
import { formatJid, isLid, isPn, LID, parseJid, PN } from './jids';

export class Directory {
	private readonly lidByPhone = new Map<string, string>();
	private readonly phoneByLid = new Map<string, string>();
	private readonly names = new Map<string, string>();

	/**
	 * @param onLearned called with the users (digits) of a pair when it is new
	 */
	constructor(private readonly onLearned: (phone: string, lid: string) => void = () => {}) {}

	/** Takes two addresses of one person; anything else than a number and a LID is no news. */
	learn(one: string | undefined, other: string | undefined): void {
		if (!one || !other) return;
		const [pn, lid] = isPn(one) ? [one, other] : [other, one];
		if (!isPn(pn) || !isLid(lid)) return;
		const [phone, lidUser] = [parseJid(pn).user, parseJid(lid).user];
		if (this.lidByPhone.get(phone) === lidUser) return;
		this.lidByPhone.set(phone, lidUser);
		this.phoneByLid.set(lidUser, phone);
		this.onLearned(phone, lidUser);
	}

	learnName(jid: string, name: string | undefined): void {
		if (name) this.names.set(this.canonical(jid), name);
	}

	/** The push name that somebody's messages carried. */
	nameOf(jid: string): string | undefined {
		return this.names.get(this.canonical(jid));
	}

	/** The LID form of a person's address where it is known, otherwise the address; keeps the device. */
	canonical(jid: string): string {
		if (!isPn(jid)) return jid;
		const { user, device } = parseJid(jid);
		const lid = this.lidByPhone.get(user);
		return lid ? formatJid(lid, LID, device) : jid;
	}

	/** Digits of the phone number behind an address, where known. */
	phoneOf(jid: string): string | undefined {
		if (isPn(jid)) return parseJid(jid).user;
		return isLid(jid) ? this.phoneByLid.get(parseJid(jid).user) : undefined;
	}

	/** The other form of a person's address, without a device. */
	otherForm(jid: string): string | undefined {
		const { user } = parseJid(jid);
		if (isPn(jid)) {
			const lid = this.lidByPhone.get(user);
			return lid && formatJid(lid, LID);
		}
		const phone = isLid(jid) ? this.phoneByLid.get(user) : undefined;
		return phone && formatJid(phone, PN);
	}

	pairs(): Array<{ pnJid: string; lidJid: string }> {
		return [...this.lidByPhone].map(([phone, lid]) => ({
			pnJid: formatJid(phone, PN),
			lidJid: formatJid(lid, LID),
		}));
	}
}
