/** What is seen of a person without a message: online, typing, calls. */
import { randomBytes } from 'node:crypto';

import type { PhoneCore } from './core';
import { isLid, userOf } from './jids';
import { type BinaryNode, children, node } from './nodes';

export interface SeenPresence {
	from: string;
	/** The member, in a group. */
	participant?: string;
	/** `available`, `unavailable`, `composing`, `paused` or `recording`. */
	state: string;
}

export interface SeenCall {
	id: string;
	from: string;
	/** `offer`, `accept`, `reject`, `terminate` ... */
	event: string;
	stanza: BinaryNode;
}

export class Presence {
	readonly seen: SeenPresence[] = [];
	readonly calls: SeenCall[] = [];

	constructor(private readonly core: PhoneCore) {
		core.on('presence', undefined, ({ attrs }) => {
			this.saw(attrs.from, attrs.participant, attrs.type ?? 'available');
		});
		core.on('chatstate', undefined, (stanza) => {
			const [state] = children(stanza);
			const recording = state?.attrs.media === 'audio';
			const { from, participant } = stanza.attrs;
			this.saw(from, participant, recording ? 'recording' : (state?.tag ?? ''));
		});
		core.on('call', undefined, (stanza) => {
			for (const info of children(stanza)) {
				this.calls.push({
					id: info.attrs['call-id'] ?? '',
					from: this.core.directory.canonical(userOf(stanza.attrs.from ?? '')),
					event: info.tag,
					stanza,
				});
			}
		});
	}

	set(type: 'available' | 'unavailable'): void {
		this.core.send(node('presence', { type, name: this.core.pushName }));
	}

	/** Asks to be told when somebody is online. */
	subscribe(to: string): void {
		this.core.send(node('presence', { to, id: this.core.newId(), type: 'subscribe' }));
	}

	chatState(to: string, state: 'composing' | 'paused' | 'recording'): void {
		const content = state === 'recording' ? node('composing', { media: 'audio' }) : node(state);
		const from = isLid(to) ? this.core.lid : this.core.pn;
		this.core.send(node('chatstate', { from, to }, [content]));
	}

	/** Rings somebody and returns the call's id. Only the signalling, no sound. */
	call(to: string, { video = false }: { video?: boolean } = {}): string {
		const id = randomBytes(16).toString('hex').toUpperCase();
		const media = [node('audio', { enc: 'opus', rate: '16000' })];
		if (video) media.push(node('video', { enc: 'vp8' }));
		this.callEvent(to, id, 'offer', media);
		return id;
	}

	hangUp(to: string, id: string, reason?: string): void {
		this.callEvent(to, id, 'terminate', undefined, { reason });
	}

	acceptCall(to: string, id: string): void {
		this.callEvent(to, id, 'accept');
	}

	private callEvent(
		to: string,
		id: string,
		event: string,
		content?: BinaryNode[],
		attrs: Record<string, string | undefined> = {},
	): void {
		const creator = isLid(to) ? this.core.lid : this.core.pn;
		const info = node(
			event,
			{ 'call-id': id, 'call-creator': creator, caller_pn: this.core.pn, ...attrs },
			content,
		);
		this.core.send(node('call', { to, id: this.core.newId() }, [info]));
	}

	private saw(from = '', participant: string | undefined, state: string): void {
		this.seen.push({
			from: this.core.directory.canonical(from),
			participant: participant && this.core.directory.canonical(participant),
			state,
		});
	}
}
