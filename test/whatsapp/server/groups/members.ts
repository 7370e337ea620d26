/** Who is in a group: create, add, remove, promote, demote, leave. */
import type { BinaryNode } from '../../contract';
import type { Account, Device } from '../accounts';
import { IqError, type IqAnswer, type IqRequest } from '../iq';
import { children, el } from '../nodes';
import { applyCommunity } from './communities';
import { type Group, newInviteCode, type Role } from './group';

const SUBJECT_LENGTH = 100;
/** A personal invitation lives three days. */
const INVITE_SECONDS = 3 * 86_400;

/** What becomes of one person in a change; without code it is done. */
interface Outcome {
	jid: string;
	account?: Account;
	code?: number;
	/** More for the answer, e.g. how to invite somebody who may not be added. */
	content?: BinaryNode[];
}

export function checkSubject(text: string): string {
	if (!text || [...text].length > SUBJECT_LENGTH) throw new IqError(406, 'not-acceptable');
	return text;
}

export function create({ ask, device, service }: IqRequest): IqAnswer {
	const group = service.groups.add(device.account, checkSubject(ask.attrs['subject'] ?? ''));
	applyCommunity(service, group, ask);
	const outcomes = admit(service, group, device, ask);
	for (const { account, code } of outcomes) {
		if (account && code === undefined) enter(group, account);
	}
	const refused = outcomes
		.filter(({ code }) => code !== undefined)
		.map(({ jid, code, content }) => el('participant', { jid, error: code }, content));
	service.groups.notify(group, device, createNotice(group));
	return [group.describe(refused)];
}

/** How somebody learns of a group that is new for them: only this makes clients show it. */
export const createNotice = (group: Group, reason?: string): BinaryNode =>
	el('create', { type: 'new', reason, key: group.inviteCode }, [group.describe()]);

export function add(request: IqRequest): IqAnswer {
	const { ask, device, service, node } = request;
	const { groups } = service;
	const group = groups.memberOf(node.attrs['to'], device.account);
	if (!group.everyoneAdds && !group.isAdmin(device.account)) throw new IqError(403, 'forbidden');
	const outcomes = admit(service, group, device, ask);
	const added = outcomes.flatMap(({ account, code }) =>
		account && code === undefined ? [account] : [],
	);
	welcome(request, group, added);
	return [result('add', group, outcomes)];
}

/** Whoever is in a group of a community is in the community. */
function enter(group: Group, account: Account): void {
	group.roles.set(account, 'member');
	if (group.parent && !group.parent.roles.has(account)) group.parent.roles.set(account, 'member');
}

/** Takes people in and tells everybody: those who were there `add`, the new ones `create`. */
export function welcome(
	{ service, device }: IqRequest,
	group: Group,
	added: Account[],
	reason?: string,
): void {
	if (added.length === 0) return;
	const before = group.members;
	for (const account of added) {
		enter(group, account);
		group.requests.delete(account);
	}
	const participants = added.map((account) => group.participant(account));
	service.groups.notify(group, device, el('add', { reason }, participants), before);
	service.groups.notify(group, device, createNotice(group, reason), added);
}

export function remove({ ask, device, service, node }: IqRequest): IqAnswer {
	const group = service.groups.adminOf(node.attrs['to'], device.account);
	const outcomes = named(service, ask).map((outcome): Outcome => {
		if (!outcome.account || !group.roles.has(outcome.account)) return { ...outcome, code: 404 };
		// The creator can leave but cannot be thrown out.
		if (group.roles.get(outcome.account) === 'superadmin') return { ...outcome, code: 403 };
		return outcome;
	});
	takeOut(service, group, device, done(outcomes));
	if (ask.attrs['linked_groups'] === 'true') {
		for (const part of service.groups.partsOf(group)) {
			takeOut(
				service,
				part,
				device,
				done(outcomes).filter((account) => part.roles.has(account)),
			);
		}
	}
	return [result('remove', group, outcomes)];
}

/** Told first and removed then, so that those who go hear of it as well. */
function takeOut(
	service: IqRequest['service'],
	group: Group,
	actor: Device,
	accounts: Account[],
): void {
	if (accounts.length === 0) return;
	const participants = accounts.map((account) => group.participant(account));
	service.groups.notify(group, actor, el('remove', {}, participants));
	for (const account of accounts) group.roles.delete(account);
}

export function leave({ ask, device, service }: IqRequest): IqAnswer {
	const left = children(ask, 'group').map(({ attrs: { id } }) => {
		const group = service.groups.find(id);
		if (!group?.roles.has(device.account)) return el('group', { id, error: 404 });
		takeOut(service, group, device, [device.account]);
		passOn(group);
		return el('group', { id });
	});
	return [el('leave', {}, [...left, ...leaveCommunities(ask, device, service)])];
}

/** Whoever leaves a community leaves its groups. */
function leaveCommunities(
	ask: BinaryNode,
	device: Device,
	service: IqRequest['service'],
): BinaryNode[] {
	return children(ask, 'community').map(({ attrs: { id } }) => {
		const community = service.groups.find(id);
		if (!community?.roles.has(device.account)) return el('community', { id, error: 404 });
		for (const group of [...service.groups.partsOf(community), community]) {
			if (!group.roles.has(device.account)) continue;
			takeOut(service, group, device, [device.account]);
			passOn(group);
		}
		return el('community', { id });
	});
}

/** A group is never without an admin: the one who is longest in it becomes one. */
function passOn(group: Group): void {
	const [first] = group.members;
	if (first && !group.members.some((account) => group.isAdmin(account))) {
		group.roles.set(first, 'admin');
	}
}

export const changeRole =
	(role: Role) =>
	({ ask, device, service, node }: IqRequest): IqAnswer => {
		const group = service.groups.adminOf(node.attrs['to'], device.account);
		const outcomes = named(service, ask).map((outcome): Outcome => {
			if (!outcome.account || !group.roles.has(outcome.account)) return { ...outcome, code: 404 };
			if (group.roles.get(outcome.account) === 'superadmin') return { ...outcome, code: 403 };
			group.roles.set(outcome.account, role);
			return outcome;
		});
		const participants = done(outcomes).map((account) => group.participant(account));
		if (participants.length > 0) {
			service.groups.notify(group, device, el(ask.tag, {}, participants));
		}
		return [result(ask.tag, group, outcomes)];
	};

/** May each be added? 404 unknown, 409 there already, 419 group is full, 403 does not want to. */
function admit(
	service: IqRequest['service'],
	group: Group,
	actor: Device,
	ask: BinaryNode,
): Outcome[] {
	return named(service, ask).map((outcome): Outcome => {
		const { account } = outcome;
		if (!account) return { ...outcome, code: 404 };
		if (group.roles.has(account)) return { ...outcome, code: 409 };
		if (group.roles.size >= service.groups.maxMembers) return { ...outcome, code: 419 };
		const wish = account.privacy.get('groupadd');
		if (wish === 'all' || account === actor.account) return outcome;
		// `contacts` is taken as no: the server does not see address books here.
		const code = newInviteCode();
		const expires = service.seconds() + INVITE_SECONDS;
		group.invites.set(code, { account, by: actor.account, expires });
		return { ...outcome, code: 403, content: [el('add_request', { code, expiration: expires })] };
	});
}

const named = (service: IqRequest['service'], ask: BinaryNode): Outcome[] =>
	children(ask, 'participant').map(({ attrs: { jid = '' } }) => ({
		jid,
		account: service.accounts.find(jid),
	}));

const done = (outcomes: Outcome[]): Account[] =>
	outcomes.flatMap(({ account, code }) => (account && code === undefined ? [account] : []));

function result(tag: string, group: Group, outcomes: Outcome[]): BinaryNode {
	return el(
		tag,
		{},
		outcomes.map(({ jid, account, code, content }) =>
			el(
				'participant',
				{
					jid: account ? group.addressOf(account) : jid,
					phone_number: account && group.addressing === 'lid' ? account.shownPn : undefined,
					error: code,
				},
				content,
			),
		),
	);
}
