/**
 * Privacy tokens: "this contact may write to me". A phone gives one to everybody it writes to, and
 * shows the one it was given with its own messages, as clients do (tc-token-utils.js).
 */
import type { PhoneCore } from './core';
import { isGroup, isStatus, userOf } from './jids';
import { type BinaryNode, bytes, child, children, node } from './nodes';

export class Tokens {
	/** Whether the phone gives tokens out; without one, others may be refused with 463. */
	issues = true;
	/** What others gave us: by address of the giver. */
	private readonly held = new Map<string, Buffer>();
	/** Who got one from us. */
	private readonly issued = new Set<string>();

	constructor(private readonly core: PhoneCore) {
		core.on('notification', 'privacy_token', ({ attrs, content }) => {
			core.directory.learn(attrs.from, attrs.sender_lid);
			for (const tokens of Array.isArray(content) ? content : []) {
				for (const token of children(tokens, 'token')) {
					const value = bytes(token);
					const giver = core.directory.canonical(userOf(attrs.sender_lid ?? attrs.from ?? ''));
					if (value && token.attrs.type === 'trusted_contact') this.held.set(giver, value);
				}
			}
		});
	}

	/** The token of this person, to go with a message. */
	toShow(chat: string): BinaryNode[] {
		const token = this.held.get(this.core.directory.canonical(userOf(chat)));
		return token ? [node('tctoken', {}, token)] : [];
	}

	/** After a message: its recipient may answer. Once is enough; real tokens last weeks. */
	afterMessage(chat: string): void {
		const person =
			isGroup(chat) || isStatus(chat) ? undefined : this.core.directory.canonical(chat);
		const skip = !person || this.core.isMine(person) || this.issued.has(person);
		if (!this.issues || skip) return;
		this.issued.add(person);
		this.core.background(async () => await this.issue(person));
	}

	async issue(person: string): Promise<void> {
		const t = String(this.core.seconds);
		const answer = await this.core.query('privacy', 'set', [
			node('tokens', {}, [node('token', { jid: person, t, type: 'trusted_contact' })]),
		]);
		if (child(answer, 'error')) throw new Error('The server refused a privacy token');
	}
}
