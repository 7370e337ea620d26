/**
 * LID and phone number of the same person, as group notices and metadata name them side by side.
 * Baileys does not keep these pairs (messages-recv.js, "TODO: Store LID MAPPINGS"), and drops the
 * other form of who acted from the messages that it makes of notices.
 */
import type { BinaryNode, GroupMetadata } from '@whiskeysockets/baileys';
import { isLid, isPhoneJid, userJid } from '../wa/ids';
import { remember } from './bounded';

const REMEMBERED = 50_000;
/** Notices are a few levels deep. */
const MAX_DEPTH = 6;

export class Pairs {
	private readonly known = new Map<string, string>();

	/** The other form of an address, if it was named beside it. */
	find(jid: string): string | undefined {
		return this.known.get(jid);
	}

	learn(...forms: Array<string | null | undefined>): void {
		const jids = forms.map(userJid);
		const lid = jids.find(isLid);
		const phone = jids.find(isPhoneJid);
		if (!lid || !phone) return;
		remember(this.known, lid, phone, REMEMBERED);
		remember(this.known, phone, lid, REMEMBERED);
	}

	/** Learns from a notice of the server before Baileys takes it apart. */
	learnFromNotice(node: BinaryNode, depth = 0): void {
		const { attrs, content } = node;
		this.learn(attrs.participant, attrs.participant_pn, attrs.participant_lid);
		if (node.tag === 'participant' || node.tag === 'requested_user') {
			this.learn(attrs.jid, attrs.phone_number, attrs.lid);
		}
		if (!Array.isArray(content) || depth > MAX_DEPTH) return;
		for (const child of content) this.learnFromNotice(child, depth + 1);
	}

	learnFromGroup({ participants, owner, ownerPn }: GroupMetadata): void {
		this.learn(owner, ownerPn);
		for (const { id, lid, phoneNumber } of participants) this.learn(id, lid, phoneNumber);
	}
}
