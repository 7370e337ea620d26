/**
 * Newsletters (channels): made, found, followed and changed by GraphQL over `w:mex`, with variables
 * and paths as Baileys' Socket/newsletter.js and whatsmeow's newsletter.go have them. Refusals are
 * GraphQL errors with a code like HTTP's (whatsmeow's GraphQLErrorExtensions).
 */
import type { Account, Device } from '../accounts';
import { IqError } from '../iq';
import type { Mex } from '../mex';
import type { Service } from '../service';
import { Newsletter } from './newsletter';

type Variables = Record<string, unknown>;

const text = (value: unknown): string | undefined =>
	typeof value === 'string' ? value : undefined;

export class Newsletters {
	private readonly newsletters = new Map<string, Newsletter>();

	constructor(
		private readonly service: Service,
		mex: Mex,
	) {
		mex.set('xwa2_newsletter_create', ({ input }, device) =>
			this.create(input as Variables, device),
		);
		mex.set('xwa2_newsletter', ({ input }, device) => this.find(input).describe(device.account));
		mex.set('xwa2_newsletter_subscribed', (_, { account }) =>
			[...this.newsletters.values()]
				.filter((each) => each.readers.has(account))
				.map((each) => each.describe(account)),
		);
		mex.set('xwa2_newsletter_update', (v, device) => this.update(v, device));
		mex.set('xwa2_newsletter_join_v2', (v, { account }) => this.follow(v, account, true));
		mex.set('xwa2_newsletter_leave_v2', (v, { account }) => this.follow(v, account, false));
		mex.set('xwa2_newsletter_mute_v2', (v, { account }) => this.mute(v, account, true));
		mex.set('xwa2_newsletter_unmute_v2', (v, { account }) => this.mute(v, account, false));
		mex.set('xwa2_newsletter_subscribers', (v) => ({ subscribers: this.get(v).followers.size }));
		mex.set('xwa2_newsletter_admin', (v) => ({ admin_count: 1 + this.get(v).admins.size }));
		mex.set('xwa2_newsletter_delete_v2', (v, device) => this.remove(v, device));
	}

	/** The newsletter of an address. @throws IqError 404 */
	at(jid: string): Newsletter {
		const newsletter = this.newsletters.get(jid);
		if (!newsletter) throw new IqError(404, 'Not Found');
		return newsletter;
	}

	/** By address or by invitation. @throws IqError 404 */
	find(input: unknown): Newsletter {
		const { key, type } = input as { key?: string; type?: string };
		if (type?.toUpperCase() !== 'INVITE') return this.at(key ?? '');
		const found = [...this.newsletters.values()].find(({ invite }) => invite === key);
		if (!found) throw new IqError(404, 'Not Found');
		return found;
	}

	private create({ name, description }: Variables, { account }: Device) {
		if (!text(name)) throw new IqError(400, 'Bad Request');
		const at = this.service.seconds();
		const newsletter = new Newsletter(account, text(name) ?? '', text(description) ?? '', at);
		this.newsletters.set(newsletter.jid, newsletter);
		return newsletter.describe(account);
	}

	private update(variables: Variables, { account }: Device) {
		const newsletter = this.get(variables);
		if (!newsletter.mayPost(account)) throw new IqError(403, 'Forbidden');
		const { name, description, picture } = variables['updates'] as Variables;
		newsletter.name = text(name) ?? newsletter.name;
		newsletter.description = text(description) ?? newsletter.description;
		const jpeg = text(picture);
		if (jpeg !== undefined) {
			const path = jpeg && this.service.media.publish(Buffer.from(jpeg, 'base64'));
			newsletter.picture = path ? { id: String(this.service.now()), path } : undefined;
		}
		// The answer to a change says nothing of who asks.
		return { ...newsletter.describe(account), viewer_metadata: null };
	}

	private follow(variables: Variables, account: Account, on: boolean) {
		const newsletter = this.get(variables);
		if (newsletter.owner === account) throw new IqError(405, 'Not Allowed');
		if (on) newsletter.followers.add(account);
		else newsletter.followers.delete(account);
		return { id: newsletter.jid, state: { type: 'ACTIVE' } };
	}

	private mute(variables: Variables, account: Account, on: boolean) {
		const newsletter = this.get(variables);
		if (on) newsletter.muted.add(account);
		else newsletter.muted.delete(account);
		return { id: newsletter.jid };
	}

	private remove(variables: Variables, { account }: Device) {
		const newsletter = this.get(variables);
		if (newsletter.owner !== account) throw new IqError(403, 'Forbidden');
		this.newsletters.delete(newsletter.jid);
		return { id: newsletter.jid, state: { type: 'DELETED' } };
	}

	private get(variables: Variables): Newsletter {
		return this.at(String(variables['newsletter_id']));
	}
}
