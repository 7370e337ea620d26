/** What only the own devices see (stars, deletions for me): changes of WhatsApp's app state. */
import type { WASocket } from '@whiskeysockets/baileys';
import { LinkedError } from '../../errors';
import { errorName } from '../../log';
import type { Owner } from '../types';

type Patch = Parameters<WASocket['appPatch']>[0];

/** Another device may have been faster (409), or the keys may be on their way from the phone. */
const ATTEMPTS = 5;
const WAIT_MS = 500;

/** Saying the same twice changes nothing, so it is tried again until it is taken. */
export async function changeAppState(owner: Owner, patch: Patch): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		const socket = await owner.socket();
		try {
			await socket.appPatch(patch);
			return;
		} catch (error) {
			if (attempt === ATTEMPTS) throw explained(socket, error);
			owner.log.debug('the app state was not taken', { attempt, error: errorName(error) });
			await owner.clock.sleep(WAIT_MS * attempt, owner.signal);
		}
	}
}

function explained(socket: WASocket, error: unknown): unknown {
	if (socket.authState.creds.myAppStateKeyId) return error;
	return new LinkedError('not-allowed', {
		detail: 'The phone has not handed over its keys yet: open WhatsApp on it and try again.',
		cause: error,
	});
}
