/** What tests look at and change in a running server; the public face in index.ts extends it. */
import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../contract';
import type { Account, BusinessProfile, Device, DirtyType } from './accounts';
import type { Core } from './core';
import type { Enforcement, EnforcementRules } from './enforcement';
import type { Rejection } from './faults';
import type { Groups } from './groups/groups';
import type { MessageCap, Timelock } from './limits';
import type { MediaStore } from './media';
import { el } from './nodes';

export abstract class Controls {
	protected constructor(protected readonly core: Core) {}

	// Looking in

	/** The account of a number or address; throws when there is none. */
	account(person: string): Account {
		const account = this.core.service.accounts.find(person);
		if (!account) throw new Error(`nobody here has ${person}`);
		return account;
	}

	/** The companions of a person that are connected now. */
	companions(person: string): Device[] {
		return [...this.account(person).devices.values()].filter(
			({ id, online }) => id !== 0 && online,
		);
	}

	/**
	 * How many stanzas came in: by tag (`message`), tag and type (`receipt/retry`), namespace
	 * (`usync`), or namespace and child (`encrypt/key`); `from` = one device as in the dump, `15550101:1`.
	 */
	count(what: string, from?: string): number {
		return this.core.service.recorder.countOf(what, from);
	}

	/** Call links that were made, oldest first. */
	get callLinks(): ReadonlyArray<{ by: string; media: string; token: string }> {
		return this.core.router.calls.links;
	}

	/** Queries that the stand-in does not know. */
	get unknownQueries(): readonly string[] {
		return this.core.service.recorder.unknownQueries;
	}

	/** Exceptions inside the stand-in. */
	get failures(): readonly Error[] {
		return this.core.service.recorder.failures;
	}

	/** The last stanzas of all connections, readable. */
	dump(): string {
		return this.core.service.recorder.dump();
	}

	// Faults

	/** Cuts the connections of a person's companions, or of everybody's, as a broken network would. */
	dropConnections(person?: string): void {
		const only = person === undefined ? undefined : this.account(person);
		for (const line of this.core.remote((device) => !only || device?.account === only)) {
			line.drop('fault');
		}
	}

	/**
	 * Ends the connections of a person's companions with this code, in the form that the service
	 * uses for it: 401 `device_removed` (without removing it), 440 `conflict replaced`, others as
	 * the stream error's code.
	 */
	streamError(person: string, code: number): void {
		for (const device of this.companions(person)) {
			const conflict = { 401: 'device_removed', 440: 'replaced' }[code];
			const content = conflict ? [el('conflict', { type: conflict })] : [];
			const attrs = code === 440 ? {} : { code };
			this.core.sessions.end(device, el('stream:error', attrs, content));
		}
	}

	/** The next logins of this person (or everybody's) get `failure` with this reason; undefined = stop. */
	refuseLogins(reason: number | undefined, person?: string): void {
		const { refusedLogins } = this.core.service.faults;
		const who = person === undefined ? '*' : this.account(person).phone;
		if (reason === undefined) refusedLogins.delete(who);
		else refusedLogins.set(who, reason);
	}

	/** The next message that fits is answered with an ack that carries this error. */
	rejectNext(rejection: Rejection): void {
		this.core.service.faults.rejectNext(rejection);
	}

	/**
	 * The next queries of this kind fail with a code (429 = too many), or get no answer without one.
	 * `what` is a namespace (`usync`), or namespace and child (`w:g2/create`).
	 */
	failQueries(what: string, code?: number, times = 1): void {
		this.core.service.faults.failQueries({ what, code, times });
	}

	/** The next changes of app state by companions are refused: another device was faster. */
	conflictNext(times = 1): void {
		this.core.service.faults.conflicts += times;
	}

	/** Nothing is taken in nor sent, on open and new connections, until `resume`. */
	hang(): void {
		this.core.service.faults.line.hang = true;
		for (const line of this.core.remote()) line.pause();
	}

	/** The service is gone: connections are cut, new ones refused, until `goUp`. */
	async goDown(): Promise<void> {
		await this.core.listener.goDown();
	}

	/** Back on the same port, with everything it knew. */
	async goUp(): Promise<void> {
		await this.core.listener.goUp();
	}

	/** The server's clock goes forward (or back) by this much, milliseconds. */
	moveClock(ms: number): void {
		this.core.service.clockOffsetMs += ms;
	}

	resume(): void {
		this.core.service.faults.line.hang = false;
		for (const line of this.core.remote()) line.resume();
	}

	/** Everything from the server is this late, milliseconds. */
	delay(ms: number): void {
		this.core.service.faults.line.delayMs = ms;
	}

	/** Messages are relayed, but their senders, or this one, get no ack (until switched off). */
	withholdAcks(from: boolean | string = true): void {
		this.core.service.faults.withholdAcks = from;
	}

	/** All media uploaded so far is gone: 410 (too old) or 404. */
	expireMedia(status: 404 | 410 = 410): void {
		this.core.service.media.expire(status);
	}

	/** Others see only the LID of this person from now on (or again the number too). */
	hideNumber(person: string, hidden = true): void {
		this.account(person).hidesNumber = hidden;
	}

	/** A number that leads to this person, too, when somebody asks who is on WhatsApp. */
	spellNumber(person: string, otherwise: string): void {
		this.core.service.accounts.otherSpellings.set(
			otherwise.replace(/\D/g, ''),
			this.account(person),
		);
	}

	/** The name by which a person can be found without the number. */
	setUsername(person: string, username: string | undefined): void {
		this.account(person).username = username;
	}

	/** Makes a person a business, or a person again. */
	setBusinessProfile(person: string, profile: BusinessProfile | undefined): void {
		this.account(person).business = profile;
	}

	/** The phone of `from` rings `to`; `end` hangs up (`timeout` = nobody answered). */
	call(
		from: string,
		to: string,
		{ video = false, group }: { video?: boolean; group?: string } = {},
	): { id: string; end(reason?: string): void } {
		const caller = this.account(from).primary;
		const callee = this.account(to);
		const id = randomBytes(16).toString('hex').toUpperCase();
		const say = (
			tag: string,
			attrs: Record<string, string | undefined>,
			content?: BinaryNode[],
		) => {
			const creator = { 'call-id': id, 'call-creator': caller.lid };
			const info = el(tag, { ...creator, ...attrs }, content);
			this.core.router.stanza(caller, el('call', { id, to: callee.lidJid }, [info]));
		};
		say('offer', { 'group-jid': group }, video ? [el('audio'), el('video')] : [el('audio')]);
		return { id, end: (reason = 'hangup') => say('terminate', { reason }) };
	}

	/** The service restricts a number: it may not write to strangers. Its devices are told. */
	setTimelock(person: string, timelock: Timelock): void {
		this.core.service.limits.setTimelock(this.account(person), timelock);
	}

	/** From now on the service judges a number by what it sends to whom; see enforcement.ts. */
	enforce(person: string, rules?: Partial<EnforcementRules>): Enforcement {
		return this.core.service.limits.enforce(this.account(person), rules);
	}

	/** How many new chats a number may begin, and has begun. Its devices are told. */
	setMessageCap(person: string, cap: Partial<MessageCap>): void {
		this.core.service.limits.setCap(this.account(person), cap);
	}

	/** The answer to a GraphQL query, by its path under `data`, e.g. `xwa2_message_capping_info`. */
	setMexAnswer(path: string, answer: (variables: Record<string, unknown>) => unknown): void {
		this.core.service.mex.set(path, answer);
	}

	/** All groups. */
	get groups(): Groups {
		return this.core.service.groups;
	}

	/** At its next login each of a person's companions is told to fetch this anew. */
	markDirty(person: string, type: DirtyType): void {
		for (const device of this.account(person).devices.values()) device.dirty.add(type);
	}

	/** The media server: counts, faults, limits. */
	get media(): MediaStore {
		return this.core.service.media;
	}

	/** Sends nodes compressed, as the real service does with large ones. */
	compress(on = true): void {
		this.core.service.faults.line.compress = on;
	}
}
