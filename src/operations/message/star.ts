import { defineOperation, type AnyOperation } from '../types';
import { changeAppState } from '../appState';
import { indexOf } from './delete';
import { findTarget, readTarget, targetFields, type TargetParams } from './target';

const setStar = (
	starred: boolean,
	names: { operation: string; name: string; action: string; description: string },
): AnyOperation =>
	defineOperation<TargetParams>({
		resource: 'message',
		...names,
		needs: 'socket',
		writes: true,
		repeatable: true,
		fields: targetFields(),
		read: readTarget,
		async perform(owner, params) {
			const { to, key } = await findTarget(owner, params);
			await changeAppState(owner, {
				syncAction: { starAction: { starred } },
				index: ['star', to, ...indexOf(key)],
				type: 'regular_low',
				apiVersion: 2,
			});
			return { messageId: params.messageId, chat: to, starred };
		},
		sample: { messageId: '3EB0B2C3D4E5F6071829', chat: '200000000000101@lid', starred },
	});

export const star = setStar(true, {
	operation: 'star',
	name: 'Star',
	action: 'Star a message',
	description: 'Mark a message with a star; only the own devices see it',
});

export const unstar = setStar(false, {
	operation: 'unstar',
	name: 'Unstar',
	action: 'Unstar a message',
	description: 'Take the star off a message',
});
