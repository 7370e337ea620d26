/** What a person sets about themselves: picture, about text, blocked people, privacy. */
import type { PhoneCore } from './core';
import { isGroup } from './jids';
import { child, children, node, SERVER } from './nodes';

export class Profile {
	constructor(private readonly core: PhoneCore) {}

	/**
	 * Sets the own picture, or a group's; `undefined` takes it away.
	 * @param jpeg square, as the phone has cut it; the server takes JPEG only
	 */
	async setPicture(jpeg: Buffer | undefined, group?: string): Promise<void> {
		const target = group && isGroup(group) ? group : undefined;
		const attrs = { to: SERVER, type: 'set', xmlns: 'w:profile:picture', target };
		const content = jpeg ? [node('picture', { type: 'image' }, jpeg)] : undefined;
		await this.core.server.query(node('iq', attrs, content));
	}

	/** Where somebody's picture is, as this phone may see it; undefined when it may not, or there is none. */
	async pictureOf(person: string): Promise<string | undefined> {
		const attrs = { to: SERVER, type: 'get', xmlns: 'w:profile:picture', target: person };
		const question = node('iq', attrs, [node('picture', { type: 'image', query: 'url' })]);
		const answer = await this.core.server.query(question).catch(() => undefined);
		return child(answer, 'picture')?.attrs.url;
	}

	/** The text under the name ("About"). */
	async setAbout(text: string): Promise<void> {
		await this.core.query('status', 'set', [node('status', {}, Buffer.from(text))]);
	}

	async block(lid: string): Promise<void> {
		const pn = this.core.directory.otherForm(lid);
		const item = node('item', { action: 'block', jid: lid, pn_jid: pn });
		await this.core.query('blocklist', 'set', [item]);
	}

	async unblock(lid: string): Promise<void> {
		await this.core.query('blocklist', 'set', [node('item', { action: 'unblock', jid: lid })]);
	}

	/** Addresses of blocked people, by LID. */
	async blocked(): Promise<string[]> {
		const attrs = { to: SERVER, type: 'get', xmlns: 'blocklist' };
		const answer = await this.core.server.query(node('iq', attrs));
		return children(child(answer, 'list'), 'item').map(({ attrs: { jid = '' } }) => jid);
	}

	/** For example `readreceipts` `none`, `groupadd` `contacts`, `last` `all`. */
	async setPrivacy(name: string, value: string): Promise<void> {
		const category = node('category', { name, value });
		await this.core.query('privacy', 'set', [node('privacy', {}, [category])]);
	}
}
