/** What a test and the processes that it starts say to each other. */
import type { ErrorJson } from '../../src/errors';
import type { Command, JsonObject } from '../../src/operations/types';

export interface Report {
	session: string;
	ownership: string;
}

export interface Requests {
	/** Wants the number, as a trigger does. */
	open(input: { account: string }): Promise<object>;
	release(input: { account: string }): Promise<object>;
	/** What n8n does when a trigger is activated. @param workMs how long each execution takes */
	listen(input: { account: string; trigger: string; workMs?: number }): Promise<object>;
	/** What n8n does when it is deactivated, or when this process is no longer the leader. */
	unlisten(input: { trigger: string }): Promise<object>;
	/** As an action node does. */
	submit(input: {
		account: string;
		command: Command;
		tag?: string;
	}): Promise<{ result: JsonObject | JsonObject[] }>;
	cancel(input: { tag: string }): Promise<object>;
	look(input: { account: string }): Promise<Report>;
	/** Bytes of memory, those of them in use, and milliseconds of CPU so far. */
	cost(input: object): Promise<{ rss: number; used: number; cpuMs: number }>;
	/** Bytes of memory as they are, without tidying up. */
	size(input: object): Promise<{ rss: number }>;
	/** How many messages the history has. */
	kept(input: { account: string }): Promise<{ messages: number }>;
}

export interface Asked {
	id: number;
	what: keyof Requests;
	input: unknown;
}

export type Told =
	| { kind: 'ready' }
	| { kind: 'answer'; id: number; result?: object; error?: ErrorJson; cause?: string }
	| { kind: 'state'; account: string; state: string }
	| {
			kind: 'event';
			account: string;
			trigger: string;
			event: string;
			text: string | null;
			attempt: number;
	  };
