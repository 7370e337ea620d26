/**
 * Group changes. Baileys turns the server's notices into messages without content but with a "stub"
 * type and parameters (messages-recv.js, handleGroupNotification). They carry the notice's id, time
 * and author, which Baileys' own group events do not, so ours are made of them.
 */
import { aboutMessage } from './messageBase';
import type {
	EventDefinition,
	LinkedEvent,
	MessageInput,
	Normalised,
	NormaliseContext,
	Person,
} from './types';

/** WebMessageInfo.StubType, the ones that tell of groups. */
export const STUB = {
	create: 20,
	subject: 21,
	icon: 22,
	inviteLink: 23,
	description: 24,
	restrict: 25,
	announce: 26,
	add: 27,
	remove: 28,
	promote: 29,
	demote: 30,
	invite: 31,
	leave: 32,
	addByRequest: 71,
	joinApproval: 145,
	linkedGroupJoin: 141,
	memberAddMode: 171,
	joinRequest: 172,
} as const;

export type Stub = (typeof STUB)[keyof typeof STUB];

/** The kind of change a message tells of, or undefined. */
export function stubOf({ message }: MessageInput): number | undefined {
	const type = message.messageStubType;
	if (!type || message.message || !message.key.remoteJid?.endsWith('@g.us')) return undefined;
	return type;
}

/** The parameters of the change, as texts. */
export function parametersOf({ message }: MessageInput): string[] {
	return (message.messageStubParameters ?? []).map(String);
}

/** A definition's `fromMessage` for notices of these kinds. */
export function fromNotice(
	name: string,
	stubs: readonly Stub[],
	tell: (
		input: MessageInput,
		base: LinkedEvent,
		context: NormaliseContext,
	) => Promise<Record<string, unknown> | undefined>,
): EventDefinition['fromMessage'] {
	return (input, context) => {
		const stub = stubOf(input);
		if (stub === undefined || !(stubs as readonly number[]).includes(stub)) return undefined;
		return (async (): Promise<Normalised[]> => {
			const base = await aboutMessage(name, input, context);
			const event = { ...base, messageId: null };
			const more = await tell(input, event, context);
			return more ? [{ event: { ...event, ...more } }] : [];
		})();
	};
}

interface RawParticipant {
	id?: string;
	lid?: string;
	phoneNumber?: string;
}

/** The people of a participants notice; each parameter is one, as JSON. */
export async function participantsOf(
	input: MessageInput,
	context: NormaliseContext,
): Promise<{ participants: Person[]; includesMe: boolean }> {
	const participants: Person[] = [];
	let includesMe = false;
	for (const text of parametersOf(input)) {
		let raw: RawParticipant;
		try {
			raw = JSON.parse(text) as RawParticipant;
		} catch {
			raw = { id: text };
		}
		const forms = [raw.id, raw.lid, raw.phoneNumber];
		includesMe ||= forms.some((form) => context.isMe(form));
		const person = await context.person(...forms);
		if (person) participants.push(person);
	}
	return { participants, includesMe };
}

/** A group as events about membership show it. */
export async function groupFacts(jid: string | null, context: NormaliseContext) {
	const group = jid ? await context.group(jid) : undefined;
	return {
		description: group?.desc ?? null,
		size: group?.size ?? group?.participants.length ?? null,
		created: group?.creation ? new Date(group.creation * 1_000).toISOString() : null,
	};
}
