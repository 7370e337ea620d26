/**
 * Lets a waiting execution go on: a request to n8n's own signed address for it. The answer itself
 * does not travel with it; the node reads it from storage, so nobody can forge one with the address.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { instanceType, ownAddress } from '../host';

/**
 * - `resumed`: n8n goes on with it, or had done so before;
 * - `waiting`: it still waits (asked with GET);
 * - `later`: n8n has not stored it as waiting yet, or is starting;
 * - `gone`: there is nothing to go on with.
 */
export type ResumeOutcome = 'resumed' | 'waiting' | 'later' | 'gone';

const TIMEOUT_MS = 10_000;

/** What the node's webhook says when there is no answer yet. */
export const STILL_WAITING = 'No answer yet';

interface Reply {
	status: number;
	body: string;
}

/**
 * @param address n8n's signed address of the execution and node
 * @param method POST to go on, GET to ask whether it still waits
 */
export async function resume(address: string, method: 'POST' | 'GET'): Promise<ResumeOutcome> {
	let outcome: ResumeOutcome = 'later';
	for (const target of targets(address)) {
		const reply = await request(target, method).catch(() => undefined);
		if (!reply) continue;
		outcome = meaning(reply);
		if (outcome !== 'later') break;
	}
	return outcome;
}

function meaning({ status, body }: Reply): ResumeOutcome {
	if (status >= 200 && status < 300) return body.includes(STILL_WAITING) ? 'waiting' : 'resumed';
	if (status === 404 && /execution/i.test(body)) return 'gone';
	// 409: either it has not got as far as waiting, or it has ended.
	if (status === 409) return /finished/.test(body) ? 'gone' : 'later';
	return 'later';
}

/**
 * This process' own port first, which needs no public address: the host is not part of what n8n
 * signs. Workers serve none, and fall back on the address as n8n gives it to everybody.
 */
function targets(address: string): URL[] {
	const given = new URL(address);
	if (instanceType() === 'worker') return [given];
	const own = new URL(ownAddress());
	own.pathname = given.pathname;
	own.search = given.search;
	return [own, given];
}

async function request(target: URL, method: string): Promise<Reply> {
	return await new Promise((resolve, reject) => {
		const { request: send } = target.protocol === 'https:' ? https : http;
		const outgoing = send(
			target,
			{
				method,
				timeout: TIMEOUT_MS,
				headers: { 'content-length': 0 },
				// n8n's certificate names its public host, not the loopback address.
				...(isLoopback(target) ? { rejectUnauthorized: false } : {}),
			},
			(incoming) => {
				let body = '';
				incoming.setEncoding('utf8');
				incoming.on('data', (part: string) => {
					if (body.length < 10_000) body += part;
				});
				incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }));
				incoming.on('error', reject);
			},
		);
		outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
		outgoing.on('error', reject);
		outgoing.end();
	});
}

const isLoopback = ({ hostname }: URL): boolean => /^(127\.|localhost$|\[::1\]$)/.test(hostname);
